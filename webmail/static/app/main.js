import{Da as o}from"./chunk-C76LBKI7.js";o();
