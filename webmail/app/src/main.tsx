/** What the page loads. */
import { start } from "./core";

void start();
