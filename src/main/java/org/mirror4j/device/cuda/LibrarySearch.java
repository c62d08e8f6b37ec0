package org.mirror4j.device.cuda;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a machine may have NVIDIA's libraries: the folders of CUDA's toolkit, of conda, of pip's
 * packages and of the distribution.
 *
 * @param root start of all absolute paths, {@code /} but in tests
 * @param environment the process's variables
 */
public record LibrarySearch(Path root, Map<String, String> environment) {
  /** A library file and the major version in its name. */
  public record File(Path path, int major) {}

  /** The whole file system and the variables of this process. */
  public static LibrarySearch ofThisMachine() {
    return new LibrarySearch(Path.of("/"), System.getenv());
  }

  /**
   * Every {@code libLIBRARY.so.N} found, folder by folder in the order of {@link #folders}.
   *
   * @param library as {@code cublas}
   */
  public List<File> files(String library) {
    Pattern file = Pattern.compile("lib" + library + "\\.so\\.(\\d+)");
    List<File> found = new ArrayList<>();
    for (Path folder : folders()) {
      for (Path path : children(folder, "lib" + library + ".so.*")) {
        Matcher name = file.matcher(path.getFileName().toString());
        if (name.matches()) {
          found.add(new File(path, Integer.parseInt(name.group(1))));
        }
      }
    }
    return found;
  }

  /** The folders that exist: what the environment names first, then the system's. */
  public List<Path> folders() {
    List<Path> folders = new ArrayList<>();
    for (String variable : List.of("CUDA_HOME", "CUDA_PATH")) {
      fromVariable(folders, variable, "lib64");
    }
    for (String variable : List.of("VIRTUAL_ENV", "CONDA_PREFIX")) {
      fromVariable(folders, variable, "lib");
      fromVariable(folders, variable, "lib/python3*/site-packages/nvidia/*/lib");
    }
    for (String pattern :
        List.of(
            "usr/local/cuda/lib64",
            "usr/local/cuda-*/lib64",
            "opt/cuda/lib64",
            "usr/local/lib/python3*/*-packages/nvidia/*/lib",
            "usr/lib/python3*/*-packages/nvidia/*/lib",
            "usr/lib/x86_64-linux-gnu",
            "usr/lib64",
            "opt/conda/lib",
            "opt/conda/lib/python3*/site-packages/nvidia/*/lib")) {
      expand(folders, root, pattern);
    }
    fromVariable(folders, "HOME", ".local/lib/python3*/site-packages/nvidia/*/lib");
    return folders.stream().distinct().toList();
  }

  private void fromVariable(List<Path> folders, String variable, String pattern) {
    String value = environment.getOrDefault(variable, "");
    if (!value.isEmpty()) {
      expand(folders, Path.of(value), pattern);
    }
  }

  /** Adds the folders under {@code start} that match a pattern, of several the newest first. */
  private static void expand(List<Path> folders, Path start, String pattern) {
    List<Path> matches = List.of(start);
    for (String segment : pattern.split("/")) {
      matches = matches.stream().flatMap(path -> children(path, segment).stream()).toList();
    }
    folders.addAll(matches);
  }

  /** Children by a pattern, versions in descending order; none where there is no such folder. */
  private static List<Path> children(Path folder, String pattern) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    List<Path> children = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder, pattern)) {
      stream.forEach(children::add);
    } catch (IOException unreadable) {
      return List.of();
    }
    children.sort(Comparator.comparing(LibrarySearch::sortKey).reversed());
    return children;
  }

  /** Numbers padded, so that cuda-12.10 comes after cuda-12.9. */
  private static String sortKey(Path path) {
    return Pattern.compile("\\d+")
        .matcher(path.getFileName().toString())
        .replaceAll(
            number -> "0".repeat(Math.max(0, 6 - number.group().length())) + number.group());
  }
}
