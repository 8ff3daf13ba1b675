import assert from "node:assert/strict";
import test from "node:test";
import { href, read } from "../src/navigation";

test("addresses are those of the simple view, there and back", () => {
  for (const address of ["/", "/in/sent", "/label/7", "/search?q=from%3Aana+invoice", "/t/12?in=inbox", "/t/12?in=label-7", "/t/12?q=roof+repair"]) {
    assert.equal(href(read(address)!), address);
  }
});

test("pages of the server's own are left to it", () => {
  for (const address of ["/settings", "/labels", "/compose?draft=3", "/search", "/t/x", "/m/3/original"]) assert.equal(read(address), null);
});
