import{Da as o}from"./chunk-KV4HGNYG.js";o();
