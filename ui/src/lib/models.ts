/** Roles that Footnote also works without. */
const optionalRoles = ["reranker", "grounder"] as const;

/** Whether the model of a role can be taken off without another in its place. */
export function optional(role: string): boolean {
  return optionalRoles.some((one) => one === role);
}
