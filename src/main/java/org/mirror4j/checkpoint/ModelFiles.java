package org.mirror4j.checkpoint;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.mirror4j.file.AtomicFiles;
import org.mirror4j.file.FileException;
import org.mirror4j.file.FileHash;

/**
 * The names that files of a model directory have, in this project and around it. Folders of
 * sentence-transformers' modules and of ONNX exports hold such files again, and no further folders.
 */
final class ModelFiles {
  /** Files that one digest is made of. */
  enum Part {
    /** Architecture and weights. */
    WEIGHTS(
        "config\\.json|(model|pytorch_model)(-\\d+-of-\\d+)?\\.(safetensors|bin)(\\.index\\.json)?"),
    /** All that tokenisation depends on. */
    TOKENIZER(
        "tokenizer.*\\.json|.*\\.model|special_tokens_map\\.json|added_tokens\\.json"
            + "|vocab\\.(txt|json)|merges\\.txt|modules\\.json|sentence_[\\w-]+_config\\.json"
            + "|config_sentence_transformers\\.json");

    private final Pattern names;

    Part(String names) {
      this.names = Pattern.compile(names);
    }

    boolean has(String name) {
      return names.matcher(name).matches();
    }
  }

  private static final Pattern WEIGHTS =
      Pattern.compile(
          "(\\w+_)?model([-_.]\\w+)*\\.(safetensors|bin|onnx|onnx_data|h5|msgpack|ot|data)");

  private static final Pattern OTHERS =
      Pattern.compile(
          "mirror4j\\.json|train\\.jsonl|generation_config\\.json|flow\\.safetensors|serving\\.properties"
              + "|(\\w+_)?model([-_.]\\w+)*\\.(safetensors|bin)\\.index\\.json"
              + "|README\\.md|LICENSE(\\.\\w+)?|NOTICE(\\.\\w+)?|\\.gitattributes");

  /** What says how texts become vectors is not among these. */
  private static final Pattern UNMAPPED =
      Pattern.compile(
          "config\\.json|generation_config\\.json|model(-\\d+-of-\\d+)?\\.safetensors(\\.index\\.json)?"
              + "|tokenizer.*\\.json|.*\\.model|special_tokens_map\\.json|added_tokens\\.json"
              + "|vocab\\.(txt|json)|merges\\.txt|LICENSE(\\.\\w+)?|NOTICE(\\.\\w+)?");

  private static final Pattern FOLDERS = Pattern.compile("\\d+_\\w+|onnx|openvino");

  private ModelFiles() {}

  /**
   * Fails unless a directory is a model and nothing else.
   *
   * @throws FileException if {@code config.json} or the weights are missing, if there is a file
   *     that is none of a model: the message names one, or if a folder is write-protected, whose
   *     content could not be deleted
   */
  static void requireModel(Path directory) throws IOException {
    if (!Files.isRegularFile(directory.resolve("config.json"))) {
      throw new FileException(
          directory + ": holds files but no config.json, expected a model directory to replace");
    }
    List<Path> files = new ArrayList<>();
    List<Path> foreign = new ArrayList<>();
    sort(directory, true, files, foreign);
    if (!foreign.isEmpty()) {
      throw new FileException(
          "%s: %s is no file of a model and would be lost%s; move it away or name another output"
              .formatted(
                  directory,
                  FileException.quote(directory.relativize(foreign.getFirst()).toString()),
                  foreign.size() == 1 ? "" : " (and %d more)".formatted(foreign.size() - 1)));
    }
    if (files.stream().noneMatch(file -> WEIGHTS.matcher(name(file)).matches())) {
      throw new FileException(
          directory + ": holds config.json but no weights, expected a model directory to replace");
    }
  }

  private static void sort(Path folder, boolean folders, List<Path> files, List<Path> foreign)
      throws IOException {
    if (!Files.isWritable(folder)) {
      throw new FileException(
          folder + ": is write-protected, expected a model that may be replaced");
    }
    try (DirectoryStream<Path> content = Files.newDirectoryStream(folder)) {
      for (Path path : content) {
        boolean directory = Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
        if (directory && folders && FOLDERS.matcher(name(path)).matches()) {
          sort(path, false, files, foreign);
        } else {
          (!directory && isOfModel(name(path)) ? files : foreign).add(path);
        }
      }
    }
    foreign.sort(null);
  }

  private static boolean isOfModel(String name) {
    return Part.WEIGHTS.has(name)
        || Part.TOKENIZER.has(name)
        || WEIGHTS.matcher(name).matches()
        || OTHERS.matcher(name).matches();
  }

  /**
   * Files that a copy of a model with another map of its vectors has as they are: configuration,
   * weights as safetensors, tokenizer and licence, in the order of their names.
   *
   * @param directory where configuration, weights and tokenizer are
   */
  static List<Path> unmapped(Path directory) {
    return files(directory, name -> UNMAPPED.matcher(name).matches());
  }

  /**
   * Licence and notice of a directory, which are read now.
   *
   * @return writes them into another one
   * @throws FileException if one cannot be read
   */
  static AtomicFiles.DirectoryWriter licences(Path directory) {
    SequencedMap<String, byte[]> contents = new LinkedHashMap<>();
    for (Path file : files(directory, name -> name.matches("(LICENSE|NOTICE)(\\.\\w+)?"))) {
      try {
        contents.put(file.getFileName().toString(), Files.readAllBytes(file));
      } catch (IOException e) {
        throw FileException.of(file, e);
      }
    }
    return to -> {
      for (Map.Entry<String, byte[]> file : contents.entrySet()) {
        Files.write(to.resolve(file.getKey()), file.getValue());
      }
    };
  }

  /**
   * Digest of names and content of the files that tokenisation depends on.
   *
   * @throws FileException if one cannot be read
   */
  static String tokenizerHash(Path directory) {
    return hash(directory, files(directory, Part.TOKENIZER::has));
  }

  /**
   * Digest of names and content of the files of architecture and weights.
   *
   * @param path where they are
   * @param directory of the model
   * @param dense folders of Dense modules
   * @throws FileException if one cannot be read
   */
  static String hash(Path path, Path directory, List<Path> dense) {
    List<Path> files = new ArrayList<>(files(path, Part.WEIGHTS::has));
    List<Path> maps = new ArrayList<>();
    dense.forEach(folder -> maps.addAll(files(folder, Part.WEIGHTS::has)));
    maps.addAll(files(directory, ModelDirectory.FLOW::equals));
    MessageDigest digest = FileHash.sha256();
    add(digest, path, files);
    add(digest, directory, maps);
    return FileHash.hex(digest);
  }

  /** The files of those names in a directory, in the order of their names. */
  private static List<Path> files(Path directory, Predicate<String> names) {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> content = Files.newDirectoryStream(directory)) {
      for (Path path : content) {
        if (names.test(name(path)) && Files.isRegularFile(path)) {
          files.add(path);
        }
      }
    } catch (IOException e) {
      throw FileException.of(directory + ": cannot be read", e);
    }
    files.sort(null);
    return files;
  }

  private static String hash(Path directory, List<Path> files) {
    MessageDigest digest = FileHash.sha256();
    add(digest, directory, files);
    return FileHash.hex(digest);
  }

  private static void add(MessageDigest digest, Path directory, List<Path> files) {
    for (Path file : files) {
      String line = FileHash.of(file) + "  " + directory.relativize(file) + "\n";
      digest.update(line.getBytes(StandardCharsets.UTF_8));
    }
  }

  private static String name(Path path) {
    return path.getFileName().toString();
  }
}
