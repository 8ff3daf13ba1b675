/** All of the composer that a new letter can be begun without: one file, fetched while its window opens. */
import "../../core";
import { fragment } from "./clean";
import { convert } from "./conversions";
import { plainer } from "./paste";
import { provide } from "./sanitiser";

export { EMOJI } from "../../compose/emoji";
export * as device from "../../compose/keep";
export { upload } from "../../compose/upload";
export { answer } from "./answering";
export { draftLetter, fetchEmail } from "./begin";
export { EmojiGrid } from "./emoji_grid";
export { FormatBar } from "./format_bar";
export { Conflict, LinkForm } from "./asking";
export { FileList } from "./file_list";
export { Hints } from "./hints";
export { Others } from "./others";
export { popOut } from "./pop_out";
export { rescue } from "./rescue";
export { SendLater } from "./send_later";
export { send } from "./sender";

provide(fragment, plainer, convert);
