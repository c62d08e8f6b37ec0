# mirror4j in a container, on x86-64 or ARM64: every command, and the server.
#   docker build -t mirror4j .
#   docker run --rm -v "$PWD/tuned:/model:ro" -p 127.0.0.1:8080:8080 mirror4j serve --model /model --host 0.0.0.0
# Cards are not reached from here: cuBLAS is not in it.

FROM maven:3.9-eclipse-temurin-25 AS build
WORKDIR /source
COPY . .
# The natives of the image's own platform come by the profiles of pom.xml. Tests and the formatter are for the checkout.
RUN mvn -B -ntp -Dmaven.test.skip=true -Dformat.skip=true package

FROM eclipse-temurin:25-jdk
# Fetched models, in a volume where they are to outlast the container.
ENV MIRROR4J_HOME=/var/lib/mirror4j \
    OMP_NUM_THREADS=1
RUN groupadd --system mirror4j \
  && useradd --system --gid mirror4j --create-home mirror4j \
  && install --directory --owner=mirror4j --group=mirror4j "$MIRROR4J_HOME" /work
COPY --from=build /source/target/mirror4j.jar /opt/mirror4j/
COPY --from=build /source/target/lib /opt/mirror4j/lib
USER mirror4j
WORKDIR /work
VOLUME /var/lib/mirror4j
EXPOSE 8080
# The flags of the launcher that matter here; what MIRROR4J_JAVA_OPTIONS says comes after them and wins.
ENTRYPOINT ["/bin/sh", "-c", "exec java --enable-native-access=ALL-UNNAMED \
  --add-exports=java.base/jdk.internal.module=ALL-UNNAMED \
  -XX:+UseSerialGC -XX:MaxRAMPercentage=40 -Xmn24m -XX:SurvivorRatio=2 -Xms48m $MIRROR4J_JAVA_OPTIONS \
  -cp '/opt/mirror4j/mirror4j.jar:/opt/mirror4j/lib/*' org.mirror4j.cli.Main \"$@\"", "mirror4j"]
CMD ["--help"]
