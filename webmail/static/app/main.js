import{Da as o}from"./chunk-SJ6BN2VI.js";o();
