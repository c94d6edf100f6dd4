import { createContext } from "react";

// What the page does when the server says that the session has ended.
export const SessionEnd = createContext<() => void>(() => {});
