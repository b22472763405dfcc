# The operator. Root file system read-only, no shell needed, not root: `docker build -t tranship-operator .`
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# A private registry: --secret id=npmrc,src=$HOME/.npmrc; nothing of it stays in the image.
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc npm ci
COPY tsconfig.json ./
COPY bin bin
COPY charts charts
COPY operators operators
RUN npm run build && rm build/.tsbuildinfo && npm prune --omit=dev --omit=optional

FROM node:24-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/build build
# By number, so that runAsNonRoot can tell without reading /etc/passwd.
USER 1000:1000
ENTRYPOINT ["node", "--enable-source-maps"]
CMD ["build/operators/main.js"]
