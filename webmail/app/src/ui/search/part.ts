/** The part of search that is not needed to draw the page: readers of queries, what is found while typing, the head of results. */
import { later } from "../later";

export const searching = later(() => import("./finding"));
