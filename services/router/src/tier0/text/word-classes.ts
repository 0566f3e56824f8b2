/** Closed word classes of English, as far as span finding and ranking need them. */
const words = (list: string): ReadonlySet<string> => new Set(list.trim().split(/\s+/));

export const ARTICLES = words("the a an");

export const DETERMINERS = words(
  "the a an my your his her its our their this that these those some any all each every both another other such",
);

export const PREPOSITIONS = words(
  "in on at of for from to by with about into over under near around between within without using via after before " +
    "since until till during through across against along among as per regarding like than than versus vs towards toward upon starting beginning ending named called titled including following based",
);

export const CONJUNCTIONS = words(
  "and or but nor so then plus also while whereas if because when where which who whose that",
);

export const PRONOUNS = words(
  "i me you he she it we they them us him myself yourself mine yours im i'm i'd i've i'll it's let's what who whom which whose where when why how there here someone something anything",
);

export const AUXILIARIES = words(
  "is are was were be been being am do does did doing done has have had having can could will would shall should may might must " +
    "isn't aren't wasn't don't doesn't didn't can't couldn't won't wouldn't shouldn't what's who's where's how's that's there's",
);

/** Verbs that open a request or carry no content of their own. */
export const REQUEST_VERBS = words(
  "find get give show tell calculate compute determine fetch retrieve search look locate list provide need want like check help know see " +
    "please convert create make generate book order play set add send use using take go let know try identify estimate predict analyze " +
    "evaluate display return obtain read write run perform assess update change schedule reserve buy purchase solve draw pull bring lookup " +
    "recommend suggest compare plan wondering planning looking going interested hear view measure figure work works",
);

export const NEGATIONS = words(
  "not no never don't doesn't didn't without won't can't isn't aren't exclude excluding except cannot avoid",
);

export const FILLERS = words(
  "please kindly just really very currently current now today also too thanks thank hello hi hey okay ok dear sure well maybe",
);

/** Words that say nothing about which tool is meant. */
export const STOP_WORDS: ReadonlySet<string> = new Set([
  ...DETERMINERS,
  ...PREPOSITIONS,
  ...CONJUNCTIONS,
  ...PRONOUNS,
  ...AUXILIARIES,
  ...words(
    "please kindly just really very thanks thank hello hi hey okay ok not no yes s t d ll re ve m if out up down off",
  ),
]);

/** Function words that tell kinds of questions apart; ranking reads them where span finding does not. */
export const QUESTION_WORDS = words("where when who how many much far long");

/** Words that ranking leaves out. */
export const RANKING_STOP_WORDS: ReadonlySet<string> = new Set(
  [...STOP_WORDS].filter((word) => !QUESTION_WORDS.has(word)),
);

/** Stems so common in tool descriptions that they weigh little. */
export const GENERIC_WORDS = words(
  "get find calculate compute retrieve return give given provide specific specified specify information info data detail details use user " +
    "function based value number list name type various certain include including default optional parameter want need know show tell " +
    "help look make see like one two first second new current particular determine perform set",
);
