package org.mirror4j.support;

import java.lang.reflect.Method;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.LifecycleMethodExecutionExceptionHandler;
import org.junit.jupiter.api.extension.TestWatcher;
import org.opentest4j.TestAbortedException;

/**
 * Prints why tests were skipped, once each and after all others: the console of a build else shows
 * how many they are, and the reasons stand in files that nobody opens. Found by JUnit itself.
 */
public final class SkipReasons implements TestWatcher, LifecycleMethodExecutionExceptionHandler {
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(SkipReasons.class);

  /** What is printed when the run ends, which closes it. */
  private record Lines(Set<String> lines) implements AutoCloseable {
    Lines() {
      this(Collections.synchronizedSet(new LinkedHashSet<>()));
    }

    @Override
    public void close() {
      lines.forEach(System.out::println);
    }
  }

  @Override
  public void testDisabled(ExtensionContext context, Optional<String> reason) {
    add(context, reason.orElse("disabled"));
  }

  @Override
  public void testAborted(ExtensionContext context, Throwable cause) {
    add(context, cause.getMessage());
  }

  /** An assumption of a whole class, of which the tests are not even begun. */
  @Override
  public void handleBeforeAllMethodExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    if (failure instanceof TestAbortedException) {
      add(context, failure.getMessage());
    }
    throw failure;
  }

  private static void add(ExtensionContext context, String reason) {
    context
        .getRoot()
        .getStore(NAMESPACE)
        .getOrComputeIfAbsent(Lines.class, type -> new Lines(), Lines.class)
        .lines()
        .add(
            line(
                context.getRequiredTestClass().getSimpleName(),
                context.getTestMethod().map(Method::getName),
                reason));
  }

  /** All turns of a parameterised test are one line where their reason is one. */
  static String line(String testClass, Optional<String> method, String reason) {
    return "skipped: %s%s: %s"
        .formatted(
            testClass,
            method.map(name -> "." + name).orElse(""),
            reason.strip().replaceAll("\\s*\\R\\s*", " "));
  }
}
