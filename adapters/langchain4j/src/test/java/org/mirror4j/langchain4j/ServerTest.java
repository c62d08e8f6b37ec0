package org.mirror4j.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.exception.AuthenticationException;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.model.openai.OpenAiEmbeddingModel;
import dev.langchain4j.model.output.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.mirror4j.DeviceChoice;
import org.mirror4j.Encoder;
import org.mirror4j.EncoderSettings;
import org.mirror4j.serve.EmbeddingServer;
import org.mirror4j.serve.Limits;
import org.mirror4j.serve.ServerSettings;

/** The server asked by LangChain4j's client of OpenAI. */
class ServerTest {
  /**
   * Of the largest element: batches differ by the order of their sums. Four layers of some eighteen
   * operations, each rounded by 2^-24 with a random sign, come to sqrt(72) of these, and the worst
   * of all elements to four times that.
   */
  private static final double ROUNDING = 4 * Math.sqrt(72) * 0x1p-24;

  private static Encoder encoder;
  private static EmbeddingServer server;

  @BeforeAll
  static void start() {
    encoder = Encoder.bundled(EncoderSettings.DEFAULT.withDevice(DeviceChoice.CPU).withThreads(1));
    server =
        EmbeddingServer.start(
            encoder,
            new ServerSettings(
                "bundled",
                ServerSettings.LOOPBACK,
                0,
                Optional.of("secret"),
                false,
                256,
                Limits.DEFAULT),
            failure -> {
              throw new AssertionError(failure);
            });
  }

  @AfterAll
  static void stop() {
    server.close();
    encoder.close();
  }

  private static OpenAiEmbeddingModel.OpenAiEmbeddingModelBuilder model(String token) {
    return OpenAiEmbeddingModel.builder()
        .baseUrl("http://127.0.0.1:" + server.address().getPort() + "/v1")
        .apiKey(token)
        .modelName("text-embedding-3-small")
        .maxRetries(0);
  }

  private static List<TextSegment> segments(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> TextSegment.from("number " + Integer.toString(i, 5).replace("", " ")))
        .toList();
  }

  private static void requireVectors(List<TextSegment> segments, List<Embedding> embeddings) {
    float[][] expected = encoder.embed(segments.stream().map(TextSegment::text).toList());
    assertThat(embeddings).hasSameSizeAs(segments);
    for (int i = 0; i < expected.length; i++) {
      float[] vector = embeddings.get(i).vector();
      assertThat(vector).hasSameSizeAs(expected[i]);
      double difference = 0;
      double largest = 0;
      for (int j = 0; j < vector.length; j++) {
        difference = Math.max(difference, Math.abs((double) vector[j] - expected[i][j]));
        largest = Math.max(largest, Math.abs(expected[i][j]));
      }
      assertThat(difference).isLessThan(ROUNDING * largest);
    }
  }

  @Test
  void vectorsAndUsage() {
    OpenAiEmbeddingModel model = model("secret").build();
    assertThat(model.embed("king").content().vector()).isEqualTo(encoder.embed("king"));
    Response<Embedding> two = model.embed("king queen");
    assertThat(two.tokenUsage().inputTokenCount()).isEqualTo(4);
    List<TextSegment> segments = segments(300);
    requireVectors(segments, model.embedAll(segments).content());
    OpenAiEmbeddingModel cut = model("secret").dimensions(16).build();
    assertThat(cut.embed("king").content().dimension()).isEqualTo(16);
  }

  @Test
  void twoHundredAtOnce() throws Exception {
    OpenAiEmbeddingModel model = model("secret").build();
    List<TextSegment> segments = segments(400);
    List<Future<List<Embedding>>> answers = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 200; i++) {
        List<TextSegment> two = segments.subList(2 * i, 2 * i + 2);
        answers.add(threads.submit(() -> model.embedAll(two).content()));
      }
    }
    for (int i = 0; i < 200; i++) {
      requireVectors(segments.subList(2 * i, 2 * i + 2), answers.get(i).get());
    }
  }

  @Test
  void refusalsAreWhatTheClientKnows() {
    OpenAiEmbeddingModel stranger = model("wrong").build();
    assertThatThrownBy(() -> stranger.embed("king"))
        .isInstanceOf(AuthenticationException.class)
        .hasMessageContaining("the token is not the one of this server");
    OpenAiEmbeddingModel model = model("secret").build();
    assertThatThrownBy(() -> model.embed("king ".repeat(100)))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("more tokens than the 64");
  }
}
