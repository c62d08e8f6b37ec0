package org.mirror4j;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.mirror4j.device.Device;
import org.mirror4j.encode.Bundled;
import org.mirror4j.encode.Devices;
import org.mirror4j.encode.VectorModule;
import org.mirror4j.file.FileException;
import org.mirror4j.method.mirror.MirrorTraining;
import org.mirror4j.method.mirror.Recipe;
import org.mirror4j.tensor.DType;
import org.mirror4j.text.TextException;
import org.mirror4j.train.ComputeOptions;
import org.mirror4j.train.RunOptions;
import org.mirror4j.train.RunRequest;
import org.mirror4j.train.TrainingListener;
import org.mirror4j.train.TrainingRun;

/** What a {@link MirrorTuning} was asked for; changed while one is made, never afterwards. */
final class TuningRequest implements Cloneable {
  /** Tells UTF-8 from all else; it is no part of the first line. */
  private static final String BYTE_ORDER_MARK = "\uFEFF";

  /** Null for the bundled one. */
  Path model;

  /** Null where no texts were given, or else one of a list and a file is there. */
  Recipe recipe;

  List<String> texts;
  Path file;

  /** Values in place of the recipe's, by the names of its components. */
  Map<String, Object> changes = Map.of();

  DeviceChoice device = DeviceChoice.BEST;
  OptionalInt threads = OptionalInt.empty();
  TuningListener listener = new TuningListener() {};
  boolean overwrite;
  boolean resume;

  @Override
  protected TuningRequest clone() {
    try {
      return (TuningRequest) super.clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("it is supported", e);
    }
  }

  /** Trains, on the calling thread. */
  void run(Path output, TrainingListener heard) {
    VectorModule.load(Encoder.JAVA_FLAGS);
    int count = threads.orElse(Runtime.getRuntime().availableProcessors());
    try (Bundled bundled = Bundled.open();
        Device opened = Devices.open(device.choice(), count).device()) {
      if (file == null) {
        Path list = write(bundled.scratch("texts.txt"));
        try {
          train(bundled, opened, list, "a list", output, heard);
        } catch (TextException e) {
          throw new TextException(e.getMessage().replace(list.toString(), "the list"), e);
        }
      } else {
        train(bundled, opened, file, file.toString(), output, heard);
      }
    }
  }

  /** The bundled model has recipes of its own. */
  private Recipe suiting() {
    return model == null ? recipe.ofBundledModel() : recipe;
  }

  private void train(
      Bundled bundled,
      Device opened,
      Path corpus,
      String corpusName,
      Path output,
      TrainingListener heard) {
    TrainingRun.execute(
        opened,
        new MirrorTraining(
            model == null ? bundled.model() : model,
            model == null ? Bundled.NAME : model.toString(),
            corpus,
            corpusName,
            suiting().label(),
            suiting().settings().with(changes)),
        new RunRequest(
            output,
            DType.F32,
            ComputeOptions.DEFAULT,
            new RunOptions(RunOptions.NEVER, resume, overwrite)),
        heard);
  }

  /** The list as a file of one text a line, which is what trainings read. */
  private Path write(Path target) {
    try (BufferedWriter writer = Files.newBufferedWriter(target)) {
      for (int i = 0; i < texts.size(); i++) {
        // Without the mark a text could be taken for the beginning of another format.
        writer.append(i == 0 ? BYTE_ORDER_MARK : "").append(line(texts.get(i))).append('\n');
      }
      return target;
    } catch (IOException e) {
      throw FileException.of("the list of texts cannot be written", e);
    }
  }

  /**
   * The halves of pairs that UTF-8 cannot hold become what they become in an {@link Encoder}, and
   * so does the zero that no file of text holds: BERT's tokenizers drop both characters.
   */
  private static String line(String text) {
    return text.replaceAll("[\\r\\n]+", " ").replaceAll("[\\x00\\p{Cs}]", "\uFFFD");
  }
}
