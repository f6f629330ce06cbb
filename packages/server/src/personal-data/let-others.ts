/** The store reads on this thread and answers without leaving it: who goes through all of something lets others have their turn after each page. */
export const letOthers = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
