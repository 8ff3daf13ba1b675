import{Da as o}from"./chunk-7XFDOI7J.js";o();
