import{Fa as o}from"./chunk-NO2G4LX7.js";o();
