package org.mirror4j.task.answer;

/**
 * What the answer to a question counts where questions may have none.
 *
 * @param hasAnswer whether the question has one
 * @param answered whether the system gives one
 * @param exact 1 for an exact match, else 0
 * @param f1 0 to 1
 */
record QuestionScore(boolean hasAnswer, boolean answered, double exact, double f1) {
  /** What no answer counts in its place. */
  QuestionScore withdrawn() {
    double right = hasAnswer ? 0 : 1;
    return new QuestionScore(hasAnswer, false, right, right);
  }
}
