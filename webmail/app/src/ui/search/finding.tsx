/** All of search that is fetched when it is first used. */
import "../../core";
import { follow } from "./hits";

export { Panel, pressed } from "./found";
export { Foot, Head } from "./results";

follow();
