package org.mirror4j.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.mirror4j.spark.Texts.CPU;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.spark.SparkException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.Encoder;
import org.mirror4j.EncoderSettings;

/** Two tasks at once in this process. */
@Timeout(300)
class Mirror4jTransformerTest {
  private static final Mirror4jTransformer BUNDLED =
      Mirror4jTransformer.bundled("text", "vector").withSettings(CPU);

  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark = Sessions.builder("local[2]").getOrCreate();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  /**
   * To the bit: each partition, of 1,300 rows, is computed in the batches that the encoder is given
   * here, of 1,024 and 276 rows. The encoder's threads and engines are others, which no vector
   * depends on.
   */
  @Test
  void vectorsAreThoseOfTheEncoder() {
    Dataset<Row> texts = Texts.of(spark, 2_600, 2);
    List<Row> rows = texts.transform(BUNDLED::transform).collectAsList();
    Map<Long, List<Float>> vectors = Texts.vectors(rows);
    assertThat(vectors).hasSize(2_600);
    assertThat(vectors.get(96L)).isEmpty();
    assertThat(vectors.get(97L)).hasSize(256);
    try (Encoder encoder = Encoder.bundled(CPU.withThreads(1))) {
      assertThat(vectors).isEqualTo(Texts.expected(rows, encoder, 1_024));
    }
  }

  /**
   * Within 1e-5, which is the encoder's own bound for a text alone and among others: products of
   * few rows sum in another order, and the elements of a vector of length 1 are below 1.
   */
  @Test
  void otherPartitionsHaveTheSameVectorsUpToRounding() {
    Mirror4jTransformer normalized = BUNDLED.withSettings(CPU.withNormalize(true));
    Dataset<Row> texts = Texts.of(spark, 400, 1);
    Map<Long, List<Float>> vectors = Texts.vectors(normalized.transform(texts).collectAsList());
    Map<Long, List<Float>> others =
        Texts.vectors(normalized.transform(texts.repartition(13)).collectAsList());
    assertThat(others).hasSameSizeAs(vectors);
    others.forEach(
        (id, vector) -> {
          assertThat(vector).hasSameSizeAs(vectors.get(id));
          for (int i = 0; i < vector.size(); i++) {
            assertThat(vector.get(i)).isCloseTo(vectors.get(id).get(i), within(1e-5f));
          }
        });
  }

  @Test
  void allOtherColumnsAreKept() {
    Dataset<Row> texts =
        Texts.of(spark, 100, 2)
            .selectExpr(
                "text",
                "id",
                "cast(id as decimal(20, 3)) as decimal",
                "date_add(date '2026-11-29', cast(id as int)) as day",
                "timestamp_seconds(id) as time",
                "encode(text, 'UTF-8') as bytes",
                "named_struct('a', id, 'b', array(text, null)) as struct",
                "map(id, text) as map",
                "cast(null as double) as nothing",
                "text as `a.b`");
    Dataset<Row> transformed = BUNDLED.transform(texts);
    assertThat(transformed.schema())
        .isEqualTo(
            texts
                .schema()
                .add("vector", DataTypes.createArrayType(DataTypes.FloatType, false), true));
    assertThat(transformed.drop("vector").toJSON().collectAsList())
        .isEqualTo(texts.toJSON().collectAsList());
  }

  @Test
  void settingsAreTheEncoders() {
    EncoderSettings settings =
        CPU.withThreads(1)
            .withPooling(EncoderSettings.Pooling.CLS)
            .withMaxLength(5)
            .withPrompt("number ")
            .withBatchSize(32);
    List<Row> rows =
        BUNDLED.withSettings(settings).transform(Texts.of(spark, 300, 1)).collectAsList();
    try (Encoder encoder = Encoder.bundled(settings)) {
      assertThat(Texts.vectors(rows)).isEqualTo(Texts.expected(rows, encoder, 128));
    }
  }

  @Test
  void tasksShareOneEncoder() {
    EncoderSettings own = CPU.withMaxLength(7);
    int before = ProcessEncoders.count();
    for (int i = 0; i < 2; i++) {
      assertThat(BUNDLED.withSettings(own).transform(Texts.of(spark, 64, 8)).collectAsList())
          .hasSize(64);
    }
    assertThat(ProcessEncoders.count()).isEqualTo(before + 1);
  }

  /** A folder, and the same folder as Spark hands it out. */
  @Test
  void modelsOfDiskAndOfSpark(@TempDir Path folder) throws Exception {
    Path model = folder.resolve("words");
    Sessions.copyModel(model);
    Dataset<Row> texts = Texts.of(spark, 50, 1);
    Map<Long, List<Float>> expected = Texts.vectors(BUNDLED.transform(texts).collectAsList());
    assertThat(
            Texts.vectors(
                Mirror4jTransformer.ofPath(model.toString(), "text", "vector")
                    .withSettings(CPU)
                    .transform(texts)
                    .collectAsList()))
        .isEqualTo(expected);
    spark.sparkContext().addFile(model.toString(), true);
    assertThat(
            Texts.vectors(
                Mirror4jTransformer.ofSparkFiles("words", "text", "vector")
                    .withSettings(CPU)
                    .transform(texts)
                    .collectAsList()))
        .isEqualTo(expected);
  }

  @Test
  void withoutRowsOrTexts() {
    assertThat(BUNDLED.transform(Texts.of(spark, 0, 3)).collectAsList()).isEmpty();
    List<Row> nulls =
        BUNDLED.transform(Texts.of(spark, 300, 4).where("text is null")).collectAsList();
    assertThat(nulls).hasSize(3).allMatch(row -> row.isNullAt(3));
    List<Row> blank = BUNDLED.transform(spark.sql("select '' as text")).collectAsList();
    assertThat(blank.getFirst().<Float>getList(1)).hasSize(256);
  }

  @Test
  void wrongColumnsAreRefusedBeforeAnythingRuns() {
    Dataset<Row> texts = Texts.of(spark, 10, 1);
    assertThatThrownBy(() -> Mirror4jTransformer.bundled("texts", "vector").transform(texts))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "column \"texts\" is there 0 times, expected one of texts; the columns are"
                + " [id, text, partition]");
    assertThatThrownBy(() -> BUNDLED.transform(texts.selectExpr("text", "text as Text")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("column \"text\" is there 2 times");
    assertThatThrownBy(() -> Mirror4jTransformer.bundled("id", "vector").transform(texts))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("column \"id\" is of bigint, expected string");
    assertThatThrownBy(() -> Mirror4jTransformer.bundled("text", "ID").transform(texts))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("column \"id\" is there already, expected a new one for the vectors");
    spark.conf().set("spark.sql.caseSensitive", true);
    try {
      assertThat(Mirror4jTransformer.bundled("text", "ID").transform(texts).columns())
          .containsExactly("id", "text", "partition", "ID");
      assertThatThrownBy(() -> Mirror4jTransformer.bundled("Text", "vector").transform(texts))
          .hasMessageStartingWith("column \"Text\" is there 0 times");
    } finally {
      spark.conf().unset("spark.sql.caseSensitive");
    }
  }

  @Test
  void anAbsentModelIsNamed(@TempDir Path folder) {
    Dataset<Row> vectors =
        Mirror4jTransformer.ofPath(folder.resolve("absent").toString(), "text", "vector")
            .withSettings(CPU)
            .transform(Texts.of(spark, 10, 1));
    assertThatThrownBy(vectors::collectAsList)
        .isInstanceOf(SparkException.class)
        .hasMessageContaining("Mirror4jException: " + folder.resolve("absent"));
  }

  /** No more than a batch is taken ahead: 4 times 8 rows, or the rows of a million characters. */
  @Test
  void rowsStreamThrough() throws Exception {
    Random random = new Random(1);
    String longText = "a".repeat(400_000);
    int count = 930;
    int[] taken = {0};
    Iterator<Row> rows =
        IntStream.range(0, count)
            .mapToObj(
                i -> {
                  taken[0]++;
                  return RowFactory.create(
                      i, i > 900 ? longText : random.nextInt(9) == 0 ? null : "text " + i);
                })
            .iterator();
    EncoderSettings settings = CPU.withThreads(1).withBatchSize(8).withMaxLength(8);
    Iterator<Row> embedded =
        new PartitionEmbedder(
                new ModelSource(ModelSource.Kind.BUNDLED, "bundled"),
                settings,
                new ExecutorCores(1, 1),
                1)
            .call(rows);
    List<Integer> ahead = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      assertThat(embedded.hasNext()).isTrue();
      assertThat(embedded.next().getInt(0)).isEqualTo(i);
      ahead.add(taken[0] - i);
    }
    assertThat(embedded.hasNext()).isFalse();
    // hasNext looks whether there is one more, and a stream's iterator takes it for that.
    assertThat(ahead.subList(0, 860)).allMatch(rowsAhead -> rowsAhead <= 33);
    assertThat(ahead.subList(910, count)).allMatch(rowsAhead -> rowsAhead <= 4);
  }
}
