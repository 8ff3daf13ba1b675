import{Da as o}from"./chunk-TUWKPT6E.js";o();
