package org.mirror4j.spark;

import java.io.Serial;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.mirror4j.EncoderSettings;

/**
 * Puts a column of vectors beside a column of texts. Every executor process opens the model once,
 * when its first task needs it, and all its tasks share it until the process ends; a partition
 * streams through in batches of rows.
 *
 * <pre>{@code
 * Dataset<Row> vectors =
 *     texts.transform(Mirror4jTransformer.ofPath("/models/tuned", "text", "vector")::transform);
 * }</pre>
 *
 * <p>Vectors are arrays of floats, null where the text is null; all other columns are kept, and so
 * is the order within a partition. For Spark's own machine learning {@code
 * org.apache.spark.ml.functions.array_to_vector(col("vector"))} makes an ml vector of each.
 *
 * <p>A partition is cut into batches of four times {@link EncoderSettings#batchSize} rows, fewer
 * where their texts are long, each of which is computed as one call of {@link
 * org.mirror4j.Encoder#embed(List)} computes it. So the same partition has the same vectors to the
 * bit, whichever executor of one kind of machine computes it and however often it is begun;
 * repartitioned rows have the same vectors up to rounding.
 *
 * <p>Where the settings name no threads, the encoder of an executor has as many as the executor has
 * cores, shared out among as many engines as it runs tasks at once: a task computes on the cores
 * that Spark has given it, and an executor leaves the cores of the others alone.
 *
 * <p>What a model whose values overflow computes is passed on: elements that are not finite.
 *
 * <p>Objects are immutable and may be shared by any number of threads.
 */
public final class Mirror4jTransformer implements Serializable {
  @Serial private static final long serialVersionUID = 1;

  private final ModelSource model;
  private final String inputColumn;
  private final String outputColumn;
  private final EncoderSettings settings;

  private Mirror4jTransformer(
      ModelSource model, String inputColumn, String outputColumn, EncoderSettings settings) {
    this.model = model;
    this.inputColumn = Objects.requireNonNull(inputColumn, "inputColumn");
    this.outputColumn = Objects.requireNonNull(outputColumn, "outputColumn");
    this.settings = Objects.requireNonNull(settings, "settings");
  }

  /**
   * Takes the model from a folder that every executor has at the same place.
   *
   * @param directory absolute, as {@link org.mirror4j.Encoder#load(java.nio.file.Path)} takes it
   * @param inputColumn name of the column of texts
   * @param outputColumn name of the column of vectors, which is not there yet
   * @return a transformer with {@link EncoderSettings#DEFAULT}
   * @throws IllegalArgumentException if the folder is not absolute
   */
  public static Mirror4jTransformer ofPath(
      String directory, String inputColumn, String outputColumn) {
    if (!Path.of(directory).isAbsolute()) {
      throw new IllegalArgumentException(
          "the model's folder is '%s', expected an absolute path, as executors work in folders of their own; ofSparkFiles takes what Spark hands to them"
              .formatted(directory));
    }
    return of(ModelSource.Kind.PATH, directory, inputColumn, outputColumn);
  }

  /**
   * Takes the model from what Spark hands to every executor: {@code addArchive("tuned.zip#tuned")}
   * of the {@code SparkContext} or {@code --archives} of spark-submit, or {@code
   * addFile("hdfs://.../tuned", true)}. Spark takes a folder of a local disk in local mode alone.
   *
   * @param name as {@code SparkFiles.get} takes it: what stands behind the {@code #}, or the
   *     folder's last name; folders inside it follow after a {@code /}
   * @param inputColumn name of the column of texts
   * @param outputColumn name of the column of vectors, which is not there yet
   * @return a transformer with {@link EncoderSettings#DEFAULT}
   */
  public static Mirror4jTransformer ofSparkFiles(
      String name, String inputColumn, String outputColumn) {
    return of(ModelSource.Kind.SPARK_FILES, name, inputColumn, outputColumn);
  }

  /**
   * Takes the small model of English words that comes with mirror4j.
   *
   * @param inputColumn name of the column of texts
   * @param outputColumn name of the column of vectors, which is not there yet
   * @return a transformer with {@link EncoderSettings#DEFAULT}
   */
  public static Mirror4jTransformer bundled(String inputColumn, String outputColumn) {
    return of(ModelSource.Kind.BUNDLED, "bundled", inputColumn, outputColumn);
  }

  private static Mirror4jTransformer of(
      ModelSource.Kind kind, String name, String inputColumn, String outputColumn) {
    return new Mirror4jTransformer(
        new ModelSource(kind, name), inputColumn, outputColumn, EncoderSettings.DEFAULT);
  }

  /**
   * How vectors are computed, with threads and engines of each executor.
   *
   * @param settings in place of the present ones
   * @return the transformer with them
   */
  public Mirror4jTransformer withSettings(EncoderSettings settings) {
    return new Mirror4jTransformer(model, inputColumn, outputColumn, settings);
  }

  /**
   * The rows with their vectors. Nothing is computed before an action asks for them; what an
   * executor then finds wrong, no model at the path say, fails its task with a {@link
   * org.mirror4j.Mirror4jException}.
   *
   * @param dataset rows with the column of texts; names meet as {@code spark.sql.caseSensitive}
   *     says
   * @return its columns and then that of the vectors
   * @throws IllegalArgumentException if the column of texts is missing, is there twice or is no
   *     column of strings, or if that of the vectors is there already
   */
  public Dataset<Row> transform(Dataset<?> dataset) {
    StructType schema = dataset.schema();
    boolean caseSensitive =
        Boolean.parseBoolean(dataset.sparkSession().conf().get("spark.sql.caseSensitive"));
    int[] outputs = indexes(schema, outputColumn, caseSensitive);
    if (outputs.length > 0) {
      throw new IllegalArgumentException(
          "column \"%s\" is there already, expected a new one for the vectors"
              .formatted(schema.fields()[outputs[0]].name()));
    }
    int[] inputs = indexes(schema, inputColumn, caseSensitive);
    if (inputs.length != 1) {
      throw new IllegalArgumentException(
          "column \"%s\" is there %d times, expected one of texts; the columns are %s"
              .formatted(inputColumn, inputs.length, List.of(schema.fieldNames())));
    }
    StructField input = schema.fields()[inputs[0]];
    if (!(input.dataType() instanceof StringType)) {
      throw new IllegalArgumentException(
          "column \"%s\" is of %s, expected string"
              .formatted(input.name(), input.dataType().simpleString()));
    }
    StructType transformed =
        schema.add(
            outputColumn, DataTypes.createArrayType(DataTypes.FloatType, false), input.nullable());
    return dataset
        .toDF()
        .mapPartitions(
            new PartitionEmbedder(
                model,
                settings,
                ExecutorCores.of(dataset.sparkSession().sparkContext().getConf()),
                inputs[0]),
            Encoders.row(transformed));
  }

  private static int[] indexes(StructType schema, String name, boolean caseSensitive) {
    String[] names = schema.fieldNames();
    int[] indexes = new int[names.length];
    int count = 0;
    for (int i = 0; i < names.length; i++) {
      if (caseSensitive ? names[i].equals(name) : names[i].equalsIgnoreCase(name)) {
        indexes[count++] = i;
      }
    }
    return Arrays.copyOf(indexes, count);
  }
}
