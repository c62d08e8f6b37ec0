package org.mirror4j.lucene;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.lucene.index.FloatVectorValues;
import org.apache.lucene.index.LeafReaderContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.device.Device;
import org.mirror4j.encode.Devices;
import org.mirror4j.statistics.Cosine;

class TextIndexTest {
  /** Above the size below which Lucene makes no graph and compares everything: about 650. */
  private static final int ITEMS = 1_500;

  private static final int K = 10;

  /** What is asked of the index: a walk may miss some, and a build by several threads others. */
  private static final double LEAST_RECALL = 0.97;

  @TempDir static Path folder;

  private static IndexModel model;
  private static List<Item> items;
  private static TextIndex index;

  @BeforeAll
  static void make() {
    model = IndexModel.bundled(Words.CPU);
    items = Words.items(Words.list(0, ITEMS));
    Words.write(folder.resolve("words"), model, items);
    index = TextIndex.open(folder.resolve("words"), model);
  }

  @AfterAll
  static void close() {
    index.close();
    model.close();
  }

  private static float[][] vectors() {
    return model.encoder().embed(items.stream().map(Item::text).toList());
  }

  private static List<float[]> indexed(TextIndex from) throws Exception {
    List<float[]> vectors = new ArrayList<>();
    for (LeafReaderContext leaf : from.reader().leaves()) {
      FloatVectorValues values = leaf.reader().getFloatVectorValues(TextIndexWriter.VECTOR);
      for (int i = 0; i < values.size(); i++) {
        vectors.add(values.vectorValue(i).clone());
      }
    }
    return vectors;
  }

  @Test
  void vectorsAreThoseOfTheEncoderDividedByTheirLength() throws Exception {
    float[][] expected = vectors();
    List<float[]> indexed = indexed(index);
    assertThat(indexed).hasSize(ITEMS);
    for (int i = 0; i < ITEMS; i++) {
      double norm = 0;
      for (float value : expected[i]) {
        norm += (double) value * value;
      }
      norm = Math.sqrt(norm);
      for (int j = 0; j < expected[i].length; j++) {
        // No more than the rounding to f32 of a value of at most 1.
        assertThat((double) indexed.get(i)[j]).isCloseTo(expected[i][j] / norm, within(0x1p-23));
      }
    }
  }

  /** The exact search is done here anew: cosines in double of all items, sorted. */
  @Test
  void findsWhatAnExactSearchFinds() {
    List<String> queries = Words.list(3_000, 3_100);
    float[][] vectors = vectors();
    int[] right = {0};
    index.search(
        queries.iterator(),
        K,
        found -> {
          float[] query = model.encoder().embed(found.query());
          List<String> exact =
              IntStream.range(0, ITEMS)
                  .boxed()
                  .sorted(Comparator.comparing(i -> -Cosine.similarity(query, vectors[i])))
                  .limit(K)
                  .map(i -> items.get(i).id())
                  .toList();
          Set<String> got =
              found.hits().stream().map(hit -> hit.item().id()).collect(Collectors.toSet());
          assertThat(got).hasSize(K);
          right[0] += (int) exact.stream().filter(got::contains).count();
          for (Hit hit : found.hits()) {
            int row = Integer.parseInt(hit.item().id().substring(1));
            assertThat(hit.item()).isEqualTo(items.get(row));
            // Each of two vectors, their product of d terms and its score are rounded to f32.
            assertThat(hit.score())
                .isCloseTo(
                    Cosine.similarity(query, vectors[row]),
                    within((vectors[row].length + 6) * 0x1p-24));
          }
          assertThat(found.hits())
              .extracting(Hit::score)
              .isSortedAccordingTo(Comparator.reverseOrder());
        });
    assertThat((double) right[0] / K / queries.size()).isGreaterThanOrEqualTo(LEAST_RECALL);
  }

  @Test
  void aTextOfTheIndexIsFoundFirst() {
    for (int i = 0; i < ITEMS; i += 97) {
      Hit hit = index.search(items.get(i).text(), 1).getFirst();
      assertThat(hit.item()).isEqualTo(items.get(i));
      // The product of a vector of length 1 with itself; alone a text is rounded otherwise.
      assertThat(hit.score()).isCloseTo(1, within(1e-5));
    }
  }

  @Test
  void asManyAsAreAskedFor() {
    assertThat(index.search("king", 300)).hasSize(300);
    assertThat(index.search("king", 10 * ITEMS)).hasSize(ITEMS);
    assertThat(index.search("", 3)).hasSize(3);
    assertThatThrownBy(() -> index.search("king", 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("k is 0, expected at least 1");
  }

  @Test
  void manyThreads() throws Exception {
    List<String> queries = Words.list(4_000, 4_064);
    List<Future<List<Hit>>> got = new ArrayList<>();
    try (ExecutorService callers = Executors.newFixedThreadPool(8)) {
      queries.forEach(query -> got.add(callers.submit(() -> index.search(query, K))));
    }
    for (int i = 0; i < queries.size(); i++) {
      assertThat(got.get(i).get()).isEqualTo(index.search(queries.get(i), K));
    }
  }

  @Test
  void closed(@TempDir Path other) {
    Words.write(other.resolve("few"), model, items.subList(0, 3));
    TextIndex few = TextIndex.open(other.resolve("few"), model);
    few.close();
    few.close();
    assertThat(few.size()).isEqualTo(3);
    assertThatThrownBy(() -> few.search("king", 1)).isInstanceOf(IllegalStateException.class);
  }

  /** Of as many items as are computed at once, one fewer, one more, and several times as many. */
  @Test
  void boundariesOfBatches(@TempDir Path other) throws Exception {
    try (IndexModel small = IndexModel.bundled(Words.SMALL_BATCHES)) {
      for (int size : new int[] {1, 3, Words.CHUNK - 1, Words.CHUNK, Words.CHUNK + 1, 50}) {
        Path path = other.resolve("of" + size);
        List<Item> some = items.subList(0, size);
        assertThat(Words.write(path, small, some).items()).isEqualTo(size);
        try (TextIndex of = TextIndex.open(path, small)) {
          assertThat(of.size()).isEqualTo(size);
          assertThat(indexed(of)).hasSize(size);
          assertThat(of.search(some.getLast().text(), size))
              .hasSize(size)
              .first()
              .extracting(Hit::item)
              .isEqualTo(some.getLast());
        }
      }
    }
  }

  /**
   * Identifiers need not be different; texts may be equal, empty or longer than the model takes.
   */
  @Test
  void awkwardItems(@TempDir Path other) {
    List<Item> awkward =
        List.of(
            new Item("C1", "king"),
            new Item("C1", "monarch"),
            new Item("C2", "king"),
            new Item("", ""),
            new Item("long", "river ".repeat(20_000)),
            new Item("tab", "a\tcup\u0000of tea"));
    try (IndexModel small = IndexModel.bundled(Words.SMALL_BATCHES)) {
      assertThat(Words.write(other.resolve("awkward"), small, awkward).cutTexts()).isEqualTo(1);
      try (TextIndex of = TextIndex.open(other.resolve("awkward"), small)) {
        List<Hit> hits = of.search("king", 6);
        assertThat(hits).extracting(Hit::item).containsExactlyInAnyOrderElementsOf(awkward);
        assertThat(hits.subList(0, 2))
            .extracting(Hit::item)
            .containsExactlyInAnyOrder(awkward.get(0), awkward.get(2));
      }
    }
  }

  /** No more than the two chunks that are computed ahead, and the one that is handed on. */
  @Test
  void itemsAreTakenAsTheyAreNeeded(@TempDir Path other) {
    int[] taken = {0};
    int[] mostAhead = {0};
    Iterator<Item> counted = items.stream().limit(300).peek(item -> taken[0]++).iterator();
    try (IndexModel small = IndexModel.bundled(Words.SMALL_BATCHES)) {
      TextIndexWriter.write(
          other.resolve("counted"),
          false,
          small,
          counted,
          done -> mostAhead[0] = Math.max(mostAhead[0], taken[0] - (int) done));
    }
    assertThat(taken[0]).isEqualTo(300);
    assertThat(mostAhead[0]).isBetween(1, 3 * Words.CHUNK);
  }

  /** A buffer that is full is written: the index has several graphs then. */
  @Test
  void severalSegments(@TempDir Path other) throws Exception {
    TextIndexWriter.write(
        other.resolve("parts"), false, model, items.iterator(), done -> {}, 0.5, files -> files);
    try (TextIndex parts = TextIndex.open(other.resolve("parts"), model)) {
      assertThat(parts.reader().leaves()).hasSizeGreaterThan(1);
      assertThat(indexed(parts).toArray(float[][]::new))
          .isDeepEqualTo(indexed(index).toArray(float[][]::new));
      Recall recall = measured(parts);
      assertThat(recall.segments()).isEqualTo(parts.reader().leaves().size());
      assertThat(recall.scan().recall()).isEqualTo(1);
      assertThat(recall.walks().get(2).recall()).isBetween(LEAST_RECALL, 1.0);
    }
  }

  private static Recall measured(TextIndex of) {
    List<float[]> queries = new ArrayList<>();
    for (float[] vector : model.encoder().embed(Words.list(5_000, 5_050))) {
      queries.add(UnitVector.of(vector, "a query"));
    }
    try (Device device = Devices.open(Devices.Choice.CPU, 1).device()) {
      return Recall.measure(of, queries, K, device, 1);
    }
  }

  @Test
  void recallIsMeasured() {
    Recall recall = measured(index);
    assertThat(recall.walks())
        .extracting(Recall.Walk::candidates)
        .containsExactly(10, 50, 100, 200, 400);
    assertThat(recall.walks().get(2).recall()).isBetween(LEAST_RECALL, 1.0);
    assertThat(recall.walks().getLast().recall())
        .isGreaterThanOrEqualTo(recall.walks().getFirst().recall());
    // Exact but for products in f32, whose errors are within a tie.
    assertThat(recall.scan().recall()).isEqualTo(1);
    assertThat(recall.bytes()).isGreaterThan(4L * ITEMS * model.encoder().dimensions());
    assertThat(recall.json(index.record()).toString())
        .contains("\"items\":1500", "\"k\":10", "\"candidates\":100");
    assertThat(recall.text(index.record()).lines().toList()).hasSize(12);
  }
}
