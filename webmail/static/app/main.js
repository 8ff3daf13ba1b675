import{Fa as o}from"./chunk-QE4JKLGT.js";o();
