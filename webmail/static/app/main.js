import{Fa as o}from"./chunk-GGVXDXF2.js";o();
