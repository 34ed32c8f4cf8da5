/**
 * Whether the viewer has made no gesture on the page yet: no click and no key. False in browsers without
 * `navigator.userActivation`, where it is unknown.
 */
export const hadNoGesture = (): boolean => navigator.userActivation?.hasBeenActive === false
