/** A piece of a document that was found: `text` is exactly the document's characters from `start` to `end`. */
export type Snippet = {
  documentId: string;
  title: string;
  uri: string;
  /** UTF-16 offsets into the document's text. */
  start: number;
  end: number;
  text: string;
  headings: string[];
  /**
   * Relevance from 0 to 1: how much of the question's content the text covers, rarer words counting more. About a half when
   * it has each word once, more with repetitions, words in headings or words that stand together as in the question.
   */
  score: number;
};
