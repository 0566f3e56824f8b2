import type { Page } from "../ports.ts";
import { badPageToken } from "./refusals.ts";

const DEFAULT_SIZE = 50;

export function pageSize(request: { pageSize: number }): number {
  return request.pageSize || DEFAULT_SIZE;
}

export function itemsOf<T>(page: Page<T>): { items: T[]; nextPageToken: string } {
  if (page.kind === "bad_page_token") throw badPageToken();
  return { items: page.items, nextPageToken: page.next ?? "" };
}
