package org.mirror4j.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassFile.ConstantPoolSharingOption;
import java.lang.classfile.ClassFile.StackMapsOption;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Copies a jar and writes its classes anew in the format of this JDK, where they are in one before
 * Java 6, as those of picocli are. The virtual machine verifies such classes by inference, which
 * takes long, and takes none of them into an archive of classes; the launcher makes one.
 */
final class CurrentClassFiles {
  private CurrentClassFiles() {}

  /** {@code FROM.jar TO.jar}; what was there is replaced. */
  public static void main(String[] args) throws IOException {
    copy(Path.of(args[0]), Path.of(args[1]));
  }

  /** Copies {@code from} to {@code to}. */
  static void copy(Path from, Path to) throws IOException {
    try (ZipFile jar = new ZipFile(from.toFile());
        URLClassLoader classes = new URLClassLoader(new URL[] {from.toUri().toURL()});
        OutputStream file = Files.newOutputStream(to);
        ZipOutputStream out = new ZipOutputStream(file)) {
      // Frames name the common superclass of what meets: it is read from the jar, not loaded.
      ClassFile format =
          ClassFile.of(
              ClassHierarchyResolverOption.of(
                  ClassHierarchyResolver.ofResourceParsing(classes)
                      .orElse(ClassHierarchyResolver.defaultResolver())),
              ConstantPoolSharingOption.NEW_POOL,
              StackMapsOption.STACK_MAPS_WHEN_REQUIRED);
      for (ZipEntry entry : Collections.list(jar.entries())) {
        out.putNextEntry(new ZipEntry(entry.getName()));
        try (InputStream in = jar.getInputStream(entry)) {
          byte[] bytes = in.readAllBytes();
          out.write(entry.getName().endsWith(".class") ? current(format, bytes) : bytes);
        }
      }
    }
  }

  private static byte[] current(ClassFile format, byte[] bytes) {
    ClassModel model = format.parse(bytes);
    if (model.majorVersion() >= ClassFile.JAVA_6_VERSION) {
      return bytes;
    }
    // Code that is built again, instruction by instruction, gets frames; code that is copied does
    // not.
    ClassTransform version =
        ClassTransform.endHandler(
            builder -> builder.withVersion(ClassFile.latestMajorVersion(), 0));
    ClassTransform code =
        ClassTransform.transformingMethodBodies(
            (CodeBuilder builder, CodeElement element) -> builder.with(element));
    return format.transformClass(model, version.andThen(code));
  }
}
