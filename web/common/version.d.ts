// The program's version, put in by Vite.
declare const __MATRICULA_VERSION__: string;
