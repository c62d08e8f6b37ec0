package org.mirror4j.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.store.embedding.EmbeddingMatch;
import dev.langchain4j.store.embedding.EmbeddingSearchRequest;
import dev.langchain4j.store.embedding.inmemory.InMemoryEmbeddingStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.DeviceChoice;
import org.mirror4j.Encoder;
import org.mirror4j.EncoderSettings;
import org.mirror4j.Mirror4jException;

class Mirror4jEmbeddingModelTest {
  private static final EncoderSettings CPU =
      EncoderSettings.DEFAULT.withDevice(DeviceChoice.CPU).withThreads(2);

  private static Encoder encoder;
  private static Mirror4jEmbeddingModel model;

  @BeforeAll
  static void load() {
    encoder = Encoder.bundled(CPU.withEngines(2).withMaxLength(16));
    model = new Mirror4jEmbeddingModel(encoder, "bundled");
  }

  @AfterAll
  static void close() {
    model.close();
  }

  private static List<TextSegment> segments(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> TextSegment.from("number " + Integer.toString(i, 5).replace("", " ")))
        .toList();
  }

  @Test
  void manySegmentsInTheirOrder() {
    List<TextSegment> segments = segments(3_000);
    List<Embedding> embeddings = model.embedAll(segments).content();
    float[][] expected = encoder.embed(segments.stream().map(TextSegment::text).toList());
    assertThat(embeddings.stream().map(Embedding::vector).toArray(float[][]::new))
        .isDeepEqualTo(expected);
    assertThat(model.embedAll(List.of()).content()).isEmpty();
    assertThat(model.dimension()).isEqualTo(256);
  }

  /** [CLS], the pieces and [SEP] of each text; no more than the maximum length. */
  @Test
  void usageIsWhatWasComputed() {
    assertThat(model.embed("king").tokenUsage().inputTokenCount()).isEqualTo(3);
    Response<List<Embedding>> response =
        model.embedAll(
            List.of(
                TextSegment.from("king"),
                TextSegment.from("king queen"),
                TextSegment.from("king ".repeat(100))));
    assertThat(response.tokenUsage().inputTokenCount()).isEqualTo(3 + 4 + 16);
    assertThat(response.tokenUsage().totalTokenCount()).isEqualTo(3 + 4 + 16);
  }

  @Test
  void nearestInAStore() {
    InMemoryEmbeddingStore<TextSegment> store = new InMemoryEmbeddingStore<>();
    List<TextSegment> segments =
        List.of(
            TextSegment.from("songs"), TextSegment.from("rivers"), TextSegment.from("hospital"));
    store.addAll(model.embedAll(segments).content(), segments);
    List<EmbeddingMatch<TextSegment>> matches =
        store
            .search(
                EmbeddingSearchRequest.builder()
                    .queryEmbedding(model.embed("river").content())
                    .maxResults(2)
                    .build())
            .matches();
    assertThat(matches).hasSize(2);
    assertThat(matches.getFirst().embedded().text()).isEqualTo("rivers");
    // The store's score is (1 + cosine) / 2.
    assertThat(matches.getFirst().score())
        .isCloseTo((1 + encoder.similarity("river", "rivers")) / 2, within(1e-5));
  }

  @Test
  void manyThreads() throws Exception {
    List<TextSegment> segments = segments(64);
    List<Future<float[]>> got = new ArrayList<>();
    try (ExecutorService callers = Executors.newFixedThreadPool(8)) {
      segments.forEach(
          segment -> got.add(callers.submit(() -> model.embed(segment).content().vector())));
    }
    for (int i = 0; i < segments.size(); i++) {
      assertThat(got.get(i).get()).isEqualTo(encoder.embed(segments.get(i).text()));
    }
  }

  @Test
  void closedAndAbsent(@TempDir Path folder) {
    Mirror4jEmbeddingModel closed =
        new Mirror4jEmbeddingModel(Encoder.bundled(CPU), "soon to be closed");
    closed.close();
    closed.close();
    assertThat(closed.dimension()).isEqualTo(256);
    assertThatThrownBy(() -> closed.embed("king"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the encoder is closed");
    assertThatThrownBy(() -> Mirror4jEmbeddingModel.load(folder.resolve("absent"), CPU))
        .isInstanceOf(Mirror4jException.class)
        .hasMessageContaining("absent");
  }
}
