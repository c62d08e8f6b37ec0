package org.mirror4j.spark;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.mirror4j.DeviceChoice;
import org.mirror4j.Encoder;
import org.mirror4j.EncoderSettings;

/** Texts in partitions, and what they are to become. */
final class Texts {
  static final EncoderSettings CPU = EncoderSettings.DEFAULT.withDevice(DeviceChoice.CPU);

  private static final String WORDS =
      "array('king', 'river', 'a cup of tea', 'war', 'songs of the north', 'hospital', 'zzyzx')";

  private Texts() {}

  /** Columns id, text and partition; texts of about 1 to 20 tokens, each 97th of them null. */
  static Dataset<Row> of(SparkSession spark, int count, int partitions) {
    String word = "element_at(" + WORDS + ", cast(%s %% 7 + 1 as int))";
    return spark
        .range(0, count, 1, partitions)
        .selectExpr(
            "id",
            "if(id % 97 = 96, null, concat_ws(' ', "
                + word.formatted("id")
                + ", if(id % 3 = 0, "
                + word.formatted("floor(id / 7)")
                + ", null), cast(id as string))) as text",
            "spark_partition_id() as partition");
  }

  /** Vectors by id, null where the text is, of rows with these columns; each row has its own id. */
  static Map<Long, List<Float>> vectors(List<Row> rows) {
    Map<Long, List<Float>> vectors = new TreeMap<>();
    for (Row row : rows) {
      if (vectors.put(
              row.<Long>getAs("id"),
              row.isNullAt(row.fieldIndex("vector"))
                  ? Collections.emptyList()
                  : row.getList(row.fieldIndex("vector")))
          != null) {
        throw new AssertionError("twice: " + row);
      }
    }
    return vectors;
  }

  /** The same from an encoder, which gets each partition in the same batches of rows. */
  static Map<Long, List<Float>> expected(List<Row> rows, Encoder encoder, int batchRows) {
    Map<Integer, List<Row>> partitions = new TreeMap<>();
    for (Row row : rows) {
      partitions.computeIfAbsent(row.getAs("partition"), p -> new ArrayList<>()).add(row);
    }
    Map<Long, List<Float>> vectors = new TreeMap<>();
    for (List<Row> partition : partitions.values()) {
      for (int from = 0; from < partition.size(); from += batchRows) {
        List<Row> batch = partition.subList(from, Math.min(from + batchRows, partition.size()));
        List<Row> filled = batch.stream().filter(row -> row.getAs("text") != null).toList();
        float[][] encoded =
            encoder.embed(filled.stream().map(r -> r.<String>getAs("text")).toList());
        batch.forEach(row -> vectors.put(row.getAs("id"), Collections.emptyList()));
        for (int i = 0; i < encoded.length; i++) {
          List<Float> vector = new ArrayList<>();
          for (float element : encoded[i]) {
            vector.add(element);
          }
          vectors.put(filled.get(i).getAs("id"), vector);
        }
      }
    }
    return vectors;
  }
}
