/** The word of a state before its sentence, for whoever does not see the shape; nothing where the sentence begins with it. */
export const said = (word: string, sentence: string): string => (sentence.startsWith(word) ? "" : `${word}: `);
