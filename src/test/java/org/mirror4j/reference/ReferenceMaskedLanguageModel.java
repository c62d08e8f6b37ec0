package org.mirror4j.reference;

/**
 * The masked language model head of BERT (Devlin et al. 2019): {@code LayerNorm(gelu(dense(x)))} of
 * the masked rows, decoded by the table of words and a bias.
 */
public final class ReferenceMaskedLanguageModel {
  private final Tape tape;
  private final ReferenceParameters parameters;
  private final ReferenceParameters gradients;

  /**
   * @param gradients added to when the tape is played; the decoder's goes to the table of words
   */
  public ReferenceMaskedLanguageModel(
      Tape tape, ReferenceParameters parameters, ReferenceParameters gradients) {
    this.tape = tape;
    this.parameters = parameters;
    this.gradients = gradients;
  }

  /**
   * Logits of the masked rows.
   *
   * @param hidden [totalTokens, hidden], packed
   * @param rows packed rows that are masked, at least one
   * @return [rows, vocabSize]
   */
  public Variable logits(Variable hidden, int[] rows) {
    if (rows.length == 0) {
      throw new IllegalArgumentException("no masked rows, expected at least one");
    }
    String transform = "cls.predictions.transform";
    Variable y =
        ReferenceHead.transform(
            tape,
            tape.gather(hidden, rows),
            parameters,
            gradients,
            transform + ".dense",
            transform + ".LayerNorm");
    return tape.linear(
        y, parameter("embeddings.word_embeddings.weight"), parameter("cls.predictions.bias"));
  }

  /** Mean cross entropy of the masked rows against their labels, 1 x 1. */
  public Variable loss(Variable hidden, int[] rows, int[] labels) {
    return tape.meanOfRows(
        ReferenceSoftmax.crossEntropy(
            tape, logits(hidden, rows), ReferenceSoftmax.Candidates.ALL, labels));
  }

  private Variable parameter(String name) {
    return parameters.variable(name, gradients);
  }
}
