package org.mirror4j.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.DropoutSite;
import org.mirror4j.device.operation.GeluForm;

class ReferenceEncoderTest {
  private static final int[] SENTENCE = {2, 7, 5, 7, 3};
  private static final String WORDS = "embeddings.word_embeddings.weight";

  private final ReferenceParameters parameters =
      ReferenceParameters.random(
          new ReferenceConfig(20, 12, 2, 2, 18, 9, 2, 1e-12, GeluForm.ERF), 4);

  @Test
  void aSequenceAloneIsWhatItIsInABatch() {
    List<DMatrixRMaj> batch =
        encode(parameters, ReferenceBatch.of(new int[][] {{2}, SENTENCE, {4, 19}}), Dropout.NONE);
    List<DMatrixRMaj> alone =
        encode(parameters, ReferenceBatch.of(new int[][] {SENTENCE}), Dropout.NONE);
    assertThat(batch.get(1).data).containsExactly(alone.getFirst().data);
  }

  @Test
  void paddingDoesNotReachRealRows() {
    DMatrixRMaj padded =
        encode(parameters, ReferenceBatch.padded(new int[][] {SENTENCE}, 8, 0), Dropout.NONE)
            .getFirst();
    DMatrixRMaj alone =
        encode(parameters, ReferenceBatch.of(new int[][] {SENTENCE}), Dropout.NONE).getFirst();
    assertThat(padded.numRows).isEqualTo(8);
    for (int i = 0; i < alone.data.length; i++) {
      assertThat(padded.data[i]).isEqualTo(alone.data[i]);
    }
  }

  @Test
  void positionsAreTheOnesGiven() {
    int[][] roberta = {ReferenceBatch.robertaPositions(5, 5, 1)};
    assertThat(roberta[0]).containsExactly(2, 3, 4, 5, 6);
    assertThat(ReferenceBatch.robertaPositions(2, 4, 1)).containsExactly(2, 3, 1, 1);
    DMatrixRMaj shifted =
        encode(parameters, ReferenceBatch.of(new int[][] {SENTENCE}, roberta), Dropout.NONE)
            .getFirst();

    DMatrixRMaj positions = parameters.get("embeddings.position_embeddings.weight");
    System.arraycopy(positions.data, 2 * 12, positions.data, 0, 5 * 12);
    DMatrixRMaj moved =
        encode(parameters, ReferenceBatch.of(new int[][] {SENTENCE}), Dropout.NONE).getFirst();
    assertThat(shifted.data).containsExactly(moved.data);
  }

  /** Without layers the output is the embedding, and dropout of its site is all there is. */
  @Test
  void hiddenDropoutCountsPackedRows() {
    ReferenceParameters embedding =
        ReferenceParameters.random(
            new ReferenceConfig(20, 12, 0, 2, 18, 9, 2, 1e-12, GeluForm.ERF), 5);
    ReferenceBatch batch = ReferenceBatch.of(new int[][] {{2, 3}, SENTENCE});
    Dropout dropout = new Dropout(0.5, 0, 17);
    dropout.step(3);
    DMatrixRMaj plain = encode(embedding, batch, Dropout.NONE).get(1);
    DMatrixRMaj dropped = encode(embedding, batch, dropout).get(1);
    DMatrixRMaj factors =
        ReferenceDropout.factors(dropout, DropoutSite.EMBEDDING.in(0), 2, 1, 12, 5, 12);
    for (int i = 0; i < plain.data.length; i++) {
      assertThat(dropped.data[i]).isEqualTo(plain.data[i] * factors.data[i]);
    }
    assertThat(factors.data).containsOnly(0, 2);
  }

  /**
   * With dense weights of 0 each block is LayerNorm(x + dropout(bias)). Sites of layer i are 5 i +
   * 2 after the attention and 5 i + 3 after the feed-forward block.
   */
  @Test
  void blocksDropAtTheirOwnSites() {
    for (int i = 0; i < 2; i++) {
      parameters.get("encoder.layer." + i + ".attention.output.dense.weight").zero();
      parameters.get("encoder.layer." + i + ".output.dense.weight").zero();
    }
    ReferenceBatch batch = ReferenceBatch.of(new int[][] {{2, 3}, SENTENCE});
    Dropout dropout = new Dropout(0.25, 0.5, 17);
    dropout.step(4);
    Tape tape = new Tape();
    Variable x = layerNorm(tape, "embeddings", embeddings(tape));
    x = tape.scaleElements(x, ReferenceDropout.factors(dropout, 0, 2, 1, 12, 5, 12));
    for (int i = 0; i < 2; i++) {
      for (String block : List.of(".attention.output", ".output")) {
        String name = "encoder.layer." + i + block;
        int site = 5 * i + (block.equals(".output") ? 3 : 2);
        Variable bias = Variable.of(parameters.get(name + ".dense.bias"));
        Variable added =
            tape.scaleElements(
                tape.addRow(Variable.of(new DMatrixRMaj(5, 12)), bias),
                ReferenceDropout.factors(dropout, site, 2, 1, 12, 5, 12));
        x = layerNorm(tape, name, tape.add(x, added));
      }
    }
    assertThat(encode(parameters, batch, dropout).get(1).data)
        .containsExactly(x.value().data, within(1e-13));
  }

  /** Heads are dropped, elements are not: then the other rows' blocks make no difference. */
  @Test
  void firstRowsAloneAreWhatTheyAreAmongAll() {
    ReferenceBatch batch = ReferenceBatch.padded(new int[][] {{2}, SENTENCE, {4, 19}}, 6, 0);
    Dropout dropout = new Dropout(0, 0.5, 17);
    dropout.step(4);
    DMatrixRMaj weights = ReferenceParameters.random(parameters.config(), 6).get(WORDS);
    weights.reshape(3, 12);
    Tape all = new Tape();
    ReferenceParameters allGradients = ReferenceParameters.zeros(parameters.config());
    Variable expected =
        all.stackRows(
            new ReferenceEncoder(all, parameters, allGradients, dropout)
                .encode(batch).stream().map(x -> all.rows(x, 0, 1)).toList());
    all.backward(expected, weights);
    Tape first = new Tape();
    ReferenceParameters firstGradients = ReferenceParameters.zeros(parameters.config());
    Variable got =
        first.stackRows(
            new ReferenceEncoder(first, parameters, firstGradients, dropout)
                .encodeFirstRows(batch));
    first.backward(got, weights);
    // Two layers of 10 operations, each over sums of 18 terms or fewer of order 1.
    assertThat(got.value().data).containsExactly(expected.value().data, within(1e-13));
    for (String name : parameters.names()) {
      assertThat(firstGradients.get(name).data)
          .as(name)
          .containsExactly(allGradients.get(name).data, within(1e-12));
    }
  }

  /** As with all rows, but in the last layer row 0 of the second sequence is row 1 of the sites. */
  @Test
  void firstRowsDropByTheirNumberAmongFirstRows() {
    parameters.get("encoder.layer.1.attention.output.dense.weight").zero();
    parameters.get("encoder.layer.1.output.dense.weight").zero();
    ReferenceParameters below =
        ReferenceParameters.zeros(new ReferenceConfig(20, 12, 1, 2, 18, 9, 2, 1e-12, GeluForm.ERF));
    below.names().forEach(name -> below.get(name).setTo(parameters.get(name)));
    ReferenceBatch batch = ReferenceBatch.of(new int[][] {{2, 3}, SENTENCE});
    Dropout dropout = new Dropout(0.25, 0.5, 17);
    dropout.step(4);
    Tape tape = new Tape();
    Variable x = tape.rows(Variable.of(encode(below, batch, dropout).get(1)), 0, 1);
    for (String block : List.of(".attention.output", ".output")) {
      String name = "encoder.layer.1" + block;
      int site = 5 + (block.equals(".output") ? 3 : 2);
      Variable added =
          tape.scaleElements(
              Variable.of(parameters.get(name + ".dense.bias")),
              ReferenceDropout.factors(dropout, site, 1, 1, 12, 1, 12));
      x = layerNorm(tape, name, tape.add(x, added));
    }
    ReferenceParameters gradients = ReferenceParameters.zeros(parameters.config());
    Variable got =
        new ReferenceEncoder(new Tape(), parameters, gradients, dropout)
            .encodeFirstRows(batch)
            .get(1);
    assertThat(got.value().data).containsExactly(x.value().data, within(1e-13));
  }

  private Variable embeddings(Tape tape) {
    Variable word = Variable.of(parameters.get(WORDS));
    Variable position = Variable.of(parameters.get("embeddings.position_embeddings.weight"));
    Variable type = Variable.of(parameters.get("embeddings.token_type_embeddings.weight"));
    return tape.addRow(
        tape.add(tape.gather(word, SENTENCE), tape.rows(position, 0, 5)), tape.rows(type, 0, 1));
  }

  private Variable layerNorm(Tape tape, String name, Variable x) {
    Variable gamma = Variable.of(parameters.get(name + ".LayerNorm.weight"));
    Variable beta = Variable.of(parameters.get(name + ".LayerNorm.bias"));
    return ReferenceLayerNorm.layerNorm(tape, x, gamma, beta, 1e-12);
  }

  /**
   * Every number by hand. With epsilon 1 the LayerNorm of (a, b) is (n, -n), n = d / sqrt(d^2 + 1),
   * d = (a - b) / 2.
   */
  @Test
  void oneLayerByHand() {
    ReferenceParameters p =
        ReferenceParameters.zeros(new ReferenceConfig(2, 2, 1, 1, 1, 2, 1, 1, GeluForm.ERF));
    // z = (1.5, 0) and (0.5, 2), d = 0.75 and -0.75, n = 0.6 and -0.6, x = (1, -1) and (-1, 1).
    set(p, "embeddings.word_embeddings.weight", 1, 0, 0, 2);
    set(p, "embeddings.position_embeddings.weight", 0.25, 0, 0.25, 0);
    set(p, "embeddings.token_type_embeddings.weight", 0.25, 0);
    set(p, "embeddings.LayerNorm.weight", 5 / 3.0, 5 / 3.0);
    // Scores are +- log(3) / 2, so attention is 3/4 on the token itself, 1/4 on the other.
    double c = Math.sqrt(2) * Math.log(3) / 4;
    String layer = "encoder.layer.0.";
    set(p, layer + "attention.self.query.weight", c, 0, 0, c);
    set(p, layer + "attention.self.key.weight", 1, 0, 0, 1);
    // Values (3, -4) and (-1, 4); contexts (2, -2) and (0, 2).
    set(p, layer + "attention.self.value.weight", 1, -1, 0, 4);
    set(p, layer + "attention.self.value.bias", 1, 0);
    // Row 0: (2, -0.8) + (1, -1), d = 2.4, n = 12/13, y = (24/13, 1/13).
    set(p, layer + "attention.output.dense.weight", 1, 0, 0, 1);
    set(p, layer + "attention.output.dense.bias", 0, 1.2);
    set(p, layer + "attention.output.LayerNorm.weight", 2, 1);
    set(p, layer + "attention.output.LayerNorm.bias", 0, 1);
    // gelu(12/13 + 1/13) = gelu(1) = 0.8413447460685429, output (3 gelu(1), -0.5) + y.
    set(p, layer + "intermediate.dense.weight", 0.5, 0);
    set(p, layer + "intermediate.dense.bias", 1 / 13.0);
    set(p, layer + "output.dense.weight", 3, 0);
    set(p, layer + "output.dense.bias", 0, -0.5);
    set(p, layer + "output.LayerNorm.weight", 1, 2);
    set(p, layer + "output.LayerNorm.bias", 0.5, 0);
    double d = (3 * 0.8413447460685429 + 24 / 13.0 - (1 / 13.0 - 0.5)) / 2;
    double n = d / Math.sqrt(d * d + 1);

    DMatrixRMaj output =
        encode(p, ReferenceBatch.of(new int[][] {{0, 1}}), Dropout.NONE).getFirst();
    // Some 20 operations on values below 10.
    assertThat(output.get(0, 0)).isCloseTo(n + 0.5, within(1e-14));
    assertThat(output.get(0, 1)).isCloseTo(-2 * n, within(1e-14));
  }

  private static void set(ReferenceParameters parameters, String name, double... values) {
    assertThat(parameters.get(name).data).hasSameSizeAs(values);
    System.arraycopy(values, 0, parameters.get(name).data, 0, values.length);
  }

  private static List<DMatrixRMaj> encode(
      ReferenceParameters parameters, ReferenceBatch batch, Dropout dropout) {
    ReferenceParameters gradients = ReferenceParameters.zeros(parameters.config());
    return new ReferenceEncoder(new Tape(), parameters, gradients, dropout)
        .encode(batch).stream().map(Variable::value).toList();
  }
}
