// Thrown where policies are so entangled that judging them would take more memory than one cluster may cost.

/** What the policies of a cluster allow is more than can be worked out. The message is a sentence. */
export class TooInvolved extends Error {
  override readonly name = 'TooInvolved';
}
