package org.mirror4j.reference;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.DropoutSite;
import org.mirror4j.objective.coreference.DocumentSpans;
import org.mirror4j.objective.coreference.SpanRankingSize;

/**
 * Coreference as the papers have it (Lee et al. 2017 and 2018), a span and a pair at a time: each
 * pair's vector is put together as a whole.
 */
public final class ReferenceSpanRanking {
  private static final String HEAD = "coreference.";

  /** The last distance of each bucket but that of all others. */
  private static final int[] DISTANCES = {0, 1, 2, 3, 4, 7, 15, 31, 63};

  private final Tape tape;
  private final ReferenceParameters parameters;
  private final ReferenceParameters gradients;
  private final SpanRankingSize size;
  private final Dropout dropout;

  /**
   * What is decided, and no gradient knows of.
   *
   * @param kept candidates, ascending
   * @param antecedents of each of these, which of them are looked at, ascending
   */
  public record Choice(int[] kept, List<int[]> antecedents) {}

  ReferenceSpanRanking(
      Tape tape,
      ReferenceParameters parameters,
      ReferenceParameters gradients,
      SpanRankingSize size,
      Dropout dropout) {
    this.tape = tape;
    this.parameters = parameters;
    this.gradients = gradients;
    this.size = size;
    this.dropout = dropout;
  }

  /** What the parameters decide. */
  public static Choice choose(
      ReferenceParameters parameters,
      ReferenceBatch batch,
      DocumentSpans document,
      SpanRankingSize size,
      Dropout dropout,
      Dropout headDropout) {
    Tape tape = new Tape();
    ReferenceParameters gradients = parameters.zeros();
    Variable hidden =
        tape.stackRows(new ReferenceEncoder(tape, parameters, gradients, dropout).encode(batch));
    ReferenceSpanRanking dropping =
        new ReferenceSpanRanking(tape, parameters, gradients, size, headDropout);
    int[] all = IntStream.range(0, document.starts().length).toArray();
    double[] scores =
        dropping.mentions(dropping.vectors(hidden, document, all), document, all).value().data;
    int[] kept =
        keep(document, scores, Math.min(size.maxSpans(), (int) (size.spanRatio() * hidden.rows())));
    Variable g = dropping.vectors(hidden, document, kept);
    DMatrixRMaj coarse = dropping.coarse(g, dropping.mentions(g, document, kept)).value();
    List<int[]> antecedents = new ArrayList<>();
    for (int i = 0; i < kept.length; i++) {
      int span = i;
      antecedents.add(
          IntStream.range(0, i)
              .boxed()
              .sorted(Comparator.comparingDouble(j -> -coarse.get(span, j)))
              .limit(size.maxAntecedents())
              .mapToInt(j -> j)
              .sorted()
              .toArray());
    }
    return new Choice(kept, antecedents);
  }

  /** The best of all that cross none that is better. */
  private static int[] keep(DocumentSpans document, double[] scores, int most) {
    List<Integer> kept = new ArrayList<>();
    IntStream.range(0, scores.length)
        .boxed()
        .sorted(Comparator.comparingDouble(i -> -scores[i]))
        .forEach(
            candidate -> {
              if (kept.size() < most
                  && kept.stream().noneMatch(other -> cross(document, candidate, other))) {
                kept.add(candidate);
              }
            });
    return kept.stream().mapToInt(i -> i).sorted().toArray();
  }

  private static boolean cross(DocumentSpans document, int a, int b) {
    int first = document.starts()[a] < document.starts()[b] ? a : b;
    int second = first == a ? b : a;
    return document.starts()[first] < document.starts()[second]
        && document.starts()[second] <= document.ends()[first]
        && document.ends()[first] < document.ends()[second];
  }

  /** The sum of the losses. */
  Variable loss(Variable hidden, DocumentSpans document, Choice choice) {
    Variable losses = Variable.of(new DMatrixRMaj(1, 1));
    List<Variable> scores = scores(hidden, document, choice);
    for (int i = 0; i < scores.size(); i++) {
      int[] antecedents = choice.antecedents().get(i);
      int cluster = document.clusters()[choice.kept()[i]];
      boolean[] right = new boolean[antecedents.length + 1];
      for (int a = 0; a < antecedents.length; a++) {
        int other = document.clusters()[choice.kept()[antecedents[a]]];
        right[a + 1] = cluster > 0 && other == cluster;
        right[0] |= right[a + 1];
      }
      right[0] = !right[0];
      losses = tape.add(losses, marginal(tape, scores.get(i), right));
    }
    return losses;
  }

  /** Of each span that is kept the scores of none, which is 0, and of its antecedents, [1, n]. */
  List<Variable> scores(Variable hidden, DocumentSpans document, Choice choice) {
    Variable first = vectors(hidden, document, choice.kept());
    Variable coarse = coarse(first, mentions(first, document, choice.kept()));
    int pairs = choice.antecedents().stream().mapToInt(a -> a.length).sum();
    DMatrixRMaj featureFactors = factors(6, pairs, 4 * size.featureSize());
    Variable g = first;
    List<Variable> scores = new ArrayList<>();
    for (int time = 0; time < size.depth(); time++) {
      scores.clear();
      DMatrixRMaj hiddenFactors = factors(7 + time, pairs, size.hiddenSize());
      List<Variable> refined = new ArrayList<>();
      int pair = 0;
      for (int i = 0; i < choice.kept().length; i++) {
        List<Variable> row = new ArrayList<>(List.of(Variable.of(new DMatrixRMaj(1, 1))));
        List<Variable> others = new ArrayList<>(List.of(tape.rows(g, i, i + 1)));
        for (int j : choice.antecedents().get(i)) {
          Variable features =
              tape.scaleElements(features(document, choice, i, j), row(featureFactors, pair));
          row.add(
              tape.add(
                  tape.columns(tape.rows(coarse, i, i + 1), j, j + 1),
                  pair(g, i, j, features, row(hiddenFactors, pair))));
          others.add(tape.rows(g, j, j + 1));
          pair++;
        }
        Variable all = tape.stackColumns(row);
        scores.add(all);
        refined.add(refine(tape.rows(g, i, i + 1), ReferenceSoftmax.softmax(tape, all), others));
      }
      g = time < size.depth() - 1 ? tape.stackRows(refined) : g;
    }
    return scores;
  }

  private Variable vectors(Variable hidden, DocumentSpans document, int[] candidates) {
    Variable attention = tape.multiplyTransposed(hidden, parameter("attention.weight"));
    int[] widths =
        Arrays.stream(candidates).map(c -> document.ends()[c] - document.starts()[c]).toArray();
    Variable width =
        tape.scaleElements(
            tape.gather(parameter("width_embeddings.weight"), widths),
            factors(0, candidates.length, size.featureSize()));
    List<Variable> all = new ArrayList<>();
    for (int i = 0; i < candidates.length; i++) {
      int start = document.starts()[candidates[i]];
      int end = document.ends()[candidates[i]] + 1;
      Variable weights =
          ReferenceSoftmax.softmax(tape, tape.transpose(tape.rows(attention, start, end)));
      all.add(
          tape.stackColumns(
              List.of(
                  tape.rows(hidden, start, start + 1),
                  tape.rows(hidden, end - 1, end),
                  tape.rows(width, i, i + 1),
                  tape.multiply(weights, tape.rows(hidden, start, end)))));
    }
    return tape.stackRows(all);
  }

  private Variable mentions(Variable g, DocumentSpans document, int[] candidates) {
    int[] widths =
        Arrays.stream(candidates).map(c -> document.ends()[c] - document.starts()[c]).toArray();
    Variable prior =
        score(
            "width_prior",
            tape.multiplyTransposed(
                parameter("width_prior.embeddings.weight"), parameter("width_prior.dense.weight")),
            factors(2, size.maxWidth(), size.hiddenSize()));
    return tape.add(
        score(
            "mention",
            tape.multiplyTransposed(g, parameter("mention.dense.weight")),
            factors(1, g.rows(), size.hiddenSize())),
        tape.gather(prior, widths));
  }

  /** All pairs, [spans, spans]. */
  private Variable coarse(Variable g, Variable mentions) {
    int spans = g.rows();
    Variable source =
        tape.scaleElements(
            tape.multiplyTransposed(g, parameter("coarse.weight")), factors(4, spans, g.columns()));
    Variable target = tape.scaleElements(g, factors(5, spans, g.columns()));
    Variable distances = parameter("distance_prior.embeddings.weight");
    Variable prior =
        tape.multiplyTransposed(
            tape.scaleElements(distances, factors(3, distances.rows(), distances.columns())),
            parameter("distance_prior.score.weight"));
    Variable result = tape.multiplyTransposed(source, target);
    List<Variable> rows = new ArrayList<>();
    for (int i = 0; i < spans; i++) {
      int span = i;
      int[] buckets = IntStream.range(0, spans).map(j -> distance(Math.max(0, span - j))).toArray();
      Variable row = tape.add(tape.rows(result, i, i + 1), tape.transpose(mentions));
      row = tape.add(row, tape.transpose(tape.gather(prior, buckets)));
      int[] same = new int[spans];
      Arrays.fill(same, i);
      rows.add(tape.add(row, tape.transpose(tape.gather(mentions, same))));
    }
    return tape.stackRows(rows);
  }

  private static int distance(int spans) {
    int bucket = 0;
    while (bucket < DISTANCES.length && spans > DISTANCES[bucket]) {
      bucket++;
    }
    return bucket;
  }

  private Variable features(DocumentSpans document, Choice choice, int i, int j) {
    int a = document.starts()[choice.kept()[i]];
    int b = document.starts()[choice.kept()[j]];
    int speaker = document.speakerOfRow()[a] == document.speakerOfRow()[b] ? 1 : 0;
    int segment =
        Math.min(document.segmentOfRow()[a] - document.segmentOfRow()[b], size.segments() - 1);
    return tape.stackColumns(
        List.of(
            tape.gather(parameter("antecedent.speaker_embeddings.weight"), new int[] {speaker}),
            tape.gather(
                parameter("antecedent.genre_embeddings.weight"), new int[] {document.genre()}),
            tape.gather(
                parameter("antecedent.distance_embeddings.weight"), new int[] {distance(i - j)}),
            tape.gather(parameter("antecedent.segment_embeddings.weight"), new int[] {segment})));
  }

  private Variable pair(Variable g, int i, int j, Variable features, DMatrixRMaj factors) {
    Variable first = tape.rows(g, i, i + 1);
    Variable second = tape.rows(g, j, j + 1);
    Variable all =
        tape.stackColumns(List.of(first, second, multiply(tape, first, second), features));
    Variable weight =
        tape.stackColumns(
            List.of(
                parameter("antecedent.first.weight"),
                parameter("antecedent.second.weight"),
                parameter("antecedent.product.weight"),
                parameter("antecedent.features.weight")));
    return score("antecedent", tape.multiplyTransposed(all, weight), factors);
  }

  private Variable score(String name, Variable z, DMatrixRMaj factors) {
    Variable activated = relu(tape, tape.addRow(z, parameter(name + ".dense.bias")));
    return tape.linear(
        tape.scaleElements(activated, factors),
        parameter(name + ".score.weight"),
        parameter(name + ".score.bias"));
  }

  private Variable refine(Variable g, Variable weights, List<Variable> others) {
    Variable attended = tape.multiply(weights, tape.stackRows(others));
    Variable f =
        sigmoid(
            tape,
            tape.linear(
                tape.stackColumns(List.of(g, attended)),
                parameter("gate.weight"),
                parameter("gate.bias")));
    // g + f (a - g)
    return tape.add(g, multiply(tape, f, tape.add(attended, tape.scale(g, -1))));
  }

  private Variable parameter(String name) {
    return parameters.variable(HEAD + name, gradients);
  }

  private DMatrixRMaj factors(int place, int rows, int columns) {
    int site = DropoutSite.CLASSIFIER_INPUT.in(place);
    return ReferenceDropout.factors(dropout, site, 0, 1, columns, rows, columns);
  }

  private static DMatrixRMaj row(DMatrixRMaj matrix, int row) {
    DMatrixRMaj one = new DMatrixRMaj(1, matrix.numCols);
    System.arraycopy(matrix.data, row * matrix.numCols, one.data, 0, matrix.numCols);
    return one;
  }

  /** {@code a b} by elements. */
  static Variable multiply(Tape tape, Variable a, Variable b) {
    DMatrixRMaj c = a.value().copy();
    for (int i = 0; i < c.data.length; i++) {
      c.data[i] *= b.value().data[i];
    }
    return tape.operation(
        c,
        dC -> {
          for (int i = 0; i < dC.data.length; i++) {
            a.gradient().data[i] += dC.data[i] * b.value().data[i];
            b.gradient().data[i] += dC.data[i] * a.value().data[i];
          }
        });
  }

  /** {@code max(0, a)}. */
  static Variable relu(Tape tape, Variable a) {
    DMatrixRMaj c = a.value().copy();
    Arrays.setAll(c.data, i -> Math.max(0, c.data[i]));
    return tape.operation(
        c,
        dC -> {
          for (int i = 0; i < dC.data.length; i++) {
            a.gradient().data[i] += a.value().data[i] > 0 ? dC.data[i] : 0;
          }
        });
  }

  /** {@code 1 / (1 + exp(-a))}. */
  static Variable sigmoid(Tape tape, Variable a) {
    DMatrixRMaj c = a.value().copy();
    Arrays.setAll(c.data, i -> 1 / (1 + Math.exp(-c.data[i])));
    return tape.operation(
        c,
        dC -> {
          for (int i = 0; i < dC.data.length; i++) {
            a.gradient().data[i] += dC.data[i] * c.data[i] * (1 - c.data[i]);
          }
        });
  }

  /** {@code -log} of the share of the right ones in a softmax, of [1, n]. */
  static Variable marginal(Tape tape, Variable x, boolean[] right) {
    double[] e = Arrays.stream(x.value().data).map(Math::exp).toArray();
    double sum = Arrays.stream(e).sum();
    double marked = IntStream.range(0, e.length).filter(i -> right[i]).mapToDouble(i -> e[i]).sum();
    DMatrixRMaj loss = new DMatrixRMaj(1, 1);
    loss.set(0, 0, Math.log(sum) - Math.log(marked));
    return tape.operation(
        loss,
        dLoss -> {
          for (int i = 0; i < e.length; i++) {
            x.gradient().data[i] += dLoss.get(0, 0) * (e[i] / sum - (right[i] ? e[i] / marked : 0));
          }
        });
  }
}
