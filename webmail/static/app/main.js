import{Da as o}from"./chunk-TXYQVEFK.js";o();
