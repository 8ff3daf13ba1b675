import{Fa as o}from"./chunk-NM464DRN.js";o();
