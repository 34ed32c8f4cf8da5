/** Returns the number of frames in the output of ffmpeg's `-progress`; 0 when it reported none. */
export const decodedFrames = (progress: string): number =>
  Number([...progress.matchAll(/frame=(\d+)/g)].at(-1)?.[1] ?? 0)
