export function wordsOf(text: string): string[];
export function namesOf(text: string): string[];
