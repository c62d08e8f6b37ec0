package org.mirror4j.spark;

import java.io.Serializable;
import java.nio.file.Path;
import java.util.Objects;
import org.apache.spark.SparkFiles;
import org.mirror4j.Encoder;
import org.mirror4j.EncoderSettings;

/**
 * Where executors find a model.
 *
 * @param name in the form of its kind
 */
record ModelSource(Kind kind, String name) implements Serializable {
  /** Who has put it there. */
  enum Kind {
    /** Whoever runs the machines: a folder of a disk. */
    PATH,
    /** Spark, for the length of the application. */
    SPARK_FILES,
    /** The library itself. */
    BUNDLED
  }

  ModelSource {
    Objects.requireNonNull(name, "name");
  }

  /** The same name for the same files of this process. */
  String location() {
    return switch (kind) {
      case PATH -> Path.of(name).normalize().toString();
      case SPARK_FILES -> SparkFiles.get(name);
      case BUNDLED -> name;
    };
  }

  /** Opens the model in this process. */
  Encoder open(EncoderSettings settings) {
    return kind == Kind.BUNDLED
        ? Encoder.bundled(settings)
        : Encoder.load(Path.of(location()), settings);
  }
}
