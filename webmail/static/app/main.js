import{Da as o}from"./chunk-F4A2TOEB.js";o();
