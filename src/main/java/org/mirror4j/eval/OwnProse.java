package org.mirror4j.eval;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.mirror4j.file.PackedFile;
import org.mirror4j.text.mask.MaskScheme;

/**
 * Prose of the user's own, whose masked tokens a model is to predict: {@code masked-loss:FILE}, or
 * with spans masked {@code masked-loss:FILE:spans}.
 */
final class OwnProse implements TaskFamily {
  private static final String KIND = "masked-loss";
  private static final String SPANS = ":spans";

  @Override
  public boolean inDataFolder() {
    return false;
  }

  @Override
  public List<String> names(DataFolder data) {
    return List.of(KIND + ":FILE", KIND + ":FILE" + SPANS);
  }

  @Override
  public Optional<TaskGroup> find(TaskName name, DataFolder data) {
    return name.argument(KIND).map(argument -> TaskGroup.of(task(argument)));
  }

  private static EvaluationTask task(String argument) {
    int file = argument.length() - SPANS.length();
    boolean spans = file > 0 && TaskName.key(argument.substring(file)).equals(SPANS);
    return spans
        ? new Task(Path.of(argument.substring(0, file)), MaskScheme.SPANS)
        : new Task(Path.of(argument), MaskScheme.TOKENS);
  }

  /** Called by the name that it is asked for by, whichever form of the file is there. */
  private record Task(Path asked, MaskScheme scheme) implements EvaluationTask {
    @Override
    public String name() {
      return EvaluationTask.title(asked) + (scheme == MaskScheme.SPANS ? SPANS : "");
    }

    @Override
    public List<Path> files() {
      return List.of(PackedFile.there(asked));
    }

    @Override
    public TaskData read(Consumer<String> notices) {
      return MaskedProse.read(PackedFile.there(asked), scheme, notices);
    }
  }
}
