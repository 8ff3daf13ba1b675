import{Da as o}from"./chunk-3DOWVU72.js";o();
