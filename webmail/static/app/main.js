import{Fa as o}from"./chunk-SEUGXGFO.js";o();
